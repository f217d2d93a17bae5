import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { markFormDeleted, readForm } from '../store/form.ts';
import { configure, mustBeVersion } from './configure.ts';

/** Names of the panels that use something, for a refusal: the first ten. */
export const namesOf = (panels: readonly { readonly name: string }[]): string =>
  [...panels.slice(0, 10).map((panel) => panel.name), ...(panels.length > 10 ? ['…'] : [])].join(', ');

/**
 * Deletes a form that no panel asks any more.
 * @throws AppError form.unknown, form.stale, form.in-use {panels}, permission.admin, guild.unknown
 */
export function deleteForm(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; formId: number; ifVersion?: number },
): Promise<void> {
  const { by, formId } = input;
  return configure(ctx, guildId, { by, action: 'guild.panels' }, async ({ db, audit }) => {
    const form = await readForm(db, guildId, formId);
    if (!form) throw new AppError('form.unknown');
    mustBeVersion('form.stale', form.version, input.ifVersion);
    if (form.panels.length > 0) throw new AppError('form.in-use', { panels: namesOf(form.panels) });
    await markFormDeleted(db, guildId, { formId, at: ctx.now() });
    await audit('form.deleted', { formId, before: { name: form.name, fields: form.fields } });
  });
}
