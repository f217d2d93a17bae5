import type { Ctx } from '../context.ts';
import type { Actor } from '../permission.ts';
import { addPanelJob, addTicketJob } from '../store/job.ts';
import { forgetProblems } from '../store/problem.ts';
import { mustMay, readInForce } from './commit.ts';

/** More are looked at when this is asked again. */
const atOnce = 200;

/**
 * Tries again what Discord refused, after somebody mended the cause; answers how many things that were.
 * @throws AppError permission.support, guild.unknown
 */
export function retryProblems(ctx: Ctx, guildId: string, input: { by: Actor }): Promise<number> {
  return ctx.db.transaction(async (db) => {
    mustMay(input.by, 'tickets.list', await readInForce(db, guildId));
    const { ticketIds, panelMessageIds } = await forgetProblems(db, guildId, { limit: atOnce });
    for (const id of ticketIds) await addTicketJob(db, guildId, id);
    for (const id of panelMessageIds) await addPanelJob(db, guildId, id);
    const count = ticketIds.length + panelMessageIds.length;
    ctx.log.info({ guildId, count }, 'problems are tried again');
    return count;
  });
}
