import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { checkForm, type Form, type ManagedForm } from '../form.ts';
import type { Actor } from '../permission.ts';
import { readForm, updateForm } from '../store/form.ts';
import { configure, differences, mustBeVersion } from './configure.ts';

/**
 * Changes a form for all panels that ask it; what was answered before stays as it was.
 * @throws AppError form.unknown, form.stale, input.invalid {field, fix}, permission.admin, guild.unknown
 */
export function editForm(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; formId: number; patch: Partial<Pick<Form, 'name' | 'fields'>>; ifVersion?: number },
): Promise<ManagedForm> {
  const { by, formId, patch } = input;
  return configure(ctx, guildId, { by, action: 'guild.panels' }, async ({ db, audit }) => {
    const form = await readForm(db, guildId, formId);
    if (!form) throw new AppError('form.unknown');
    mustBeVersion('form.stale', form.version, input.ifVersion);
    const before = { name: form.name, fields: form.fields };
    const diff = differences(before, patch);
    if (!diff) return form;
    checkForm(diff.after);
    await updateForm(db, guildId, { ...before, ...diff.after, formId });
    await audit('form.changed', { formId, ...diff });
    return { ...form, ...diff.after, version: form.version + 1 };
  });
}
