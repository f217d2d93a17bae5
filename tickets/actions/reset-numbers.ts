import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { writeAudit } from '../store/audit.ts';
import { lockCounter } from '../store/guild.ts';
import { startEpoch } from '../store/number.ts';
import { readPanel } from '../store/panel.ts';
import { mustMay, readInForce } from './commit.ts';

/**
 * Lets display numbers begin at 1 again: a panel's, or with `panelId` null all of the server (features.md C1). Tickets keep theirs, and the
 * count of tickets ever goes on. Cannot be undone.
 * @throws AppError panel.unknown, permission.admin, guild.unknown
 */
export function resetNumbers(ctx: Ctx, guildId: string, input: { by: Actor; panelId: number | null }): Promise<void> {
  const { by, panelId } = input;
  return ctx.db.transaction(async (db) => {
    if (!(await lockCounter(db, guildId))) throw new AppError('guild.unknown');
    mustMay(by, 'guild.settings', await readInForce(db, guildId));
    if (panelId !== null && !(await readPanel(db, guildId, panelId))) throw new AppError('panel.unknown', { panelId });
    await startEpoch(db, guildId, { panelId });
    await writeAudit(db, guildId, { at: ctx.now(), actorId: by.id, action: 'numbers.reset', data: { panelId } });
    ctx.log.info({ guildId, panelId }, 'numbers reset');
  });
}
