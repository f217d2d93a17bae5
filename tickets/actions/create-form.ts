import type { Ctx } from '../context.ts';
import { checkForm, type FormField, type ManagedForm } from '../form.ts';
import type { Actor } from '../permission.ts';
import { insertForm, readForm } from '../store/form.ts';
import { configure } from './configure.ts';

/**
 * Makes a form, which panels may ask.
 * @throws AppError input.invalid {field, fix}, permission.admin, guild.unknown
 */
export function createForm(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; name: string; fields: readonly FormField[] },
): Promise<ManagedForm> {
  const { by, name, fields } = input;
  return configure(ctx, guildId, { by, action: 'guild.panels' }, async ({ db, audit }) => {
    checkForm({ name, fields });
    const formId = await insertForm(db, guildId, { name, fields });
    await audit('form.created', { formId, name });
    const made = await readForm(db, guildId, formId);
    if (!made) throw new Error(`form ${formId} vanished inside its own transaction`);
    return made;
  });
}
