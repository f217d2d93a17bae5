import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { writeAudit } from '../store/audit.ts';
import { lockGuild } from '../store/guild.ts';
import { deleteLabel, insertLabel, type Label, listLabels, updateLabel } from '../store/label.ts';
import { oneLine } from '../text.ts';
import { mustMay, readInForce } from './commit.ts';

/** Labels of one server: more than people can tell apart. */
export const labelLimit = 100;
/** A label stands in lists and in a field of an embed. */
export const maxLabelLength = 50;
/** Discord's grey, for labels without a colour of their own. */
export const defaultLabelColour = 0x99aab5;

const nameOf = (text: string): string => oneLine(text, { field: 'name', max: maxLabelLength });

/**
 * Makes a label.
 * @throws AppError label.present {name}, label.limit {limit}, input.invalid, permission.admin
 */
export function createLabel(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; name: string; colour: number },
): Promise<Label> {
  const { by, colour } = input;
  const name = nameOf(input.name);
  return ctx.db.transaction(async (db) => {
    // The lock makes the count hold.
    if (!(await lockGuild(db, guildId))) throw new AppError('guild.unknown');
    mustMay(by, 'guild.labels', await readInForce(db, guildId));
    const others = await listLabels(db, guildId);
    if (others.length >= labelLimit) throw new AppError('label.limit', { limit: labelLimit });
    const made = await insertLabel(db, guildId, { name, colour });
    if (!made) throw new AppError('label.present', { name });
    await writeAudit(db, guildId, { at: ctx.now(), actorId: by.id, action: 'label.created', data: made });
    return made;
  });
}

/**
 * Renames or recolours a label, wherever it stands.
 * @throws AppError label.unknown, label.stale, label.present {name}, input.invalid, permission.admin
 */
export function editLabel(
  ctx: Ctx,
  guildId: string,
  input: { by: Actor; labelId: number; patch: { name?: string; colour?: number }; ifVersion: number },
): Promise<Label> {
  const { by, labelId, patch, ifVersion } = input;
  return ctx.db.transaction(async (db) => {
    if (!(await lockGuild(db, guildId))) throw new AppError('guild.unknown');
    mustMay(by, 'guild.labels', await readInForce(db, guildId));
    const labels = await listLabels(db, guildId);
    const before = labels.find(({ id }) => id === labelId);
    if (!before) throw new AppError('label.unknown');
    const name = patch.name === undefined ? before.name : nameOf(patch.name);
    const isTaken = labels.some((one) => one.id !== labelId && one.name.toLowerCase() === name.toLowerCase());
    if (isTaken) throw new AppError('label.present', { name });
    const after = await updateLabel(db, guildId, { labelId, name, colour: patch.colour ?? before.colour, ifVersion });
    if (!after) throw new AppError('label.stale');
    await writeAudit(db, guildId, { at: ctx.now(), actorId: by.id, action: 'label.changed', data: { before, after } });
    return after;
  });
}

/**
 * Deletes a label; tickets that have it keep it, new ones cannot get it.
 * @throws AppError label.unknown, permission.admin
 */
export function removeLabel(ctx: Ctx, guildId: string, input: { by: Actor; labelId: number }): Promise<Label> {
  const { by, labelId } = input;
  return ctx.db.transaction(async (db) => {
    mustMay(by, 'guild.labels', await readInForce(db, guildId));
    const gone = await deleteLabel(db, guildId, { labelId, at: ctx.now() });
    if (!gone) throw new AppError('label.unknown');
    await writeAudit(db, guildId, { at: ctx.now(), actorId: by.id, action: 'label.deleted', data: gone });
    return gone;
  });
}
