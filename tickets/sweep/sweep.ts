import type { Ctx } from '../context.ts';
import { commitChange } from '../actions/commit.ts';
import { deleteExpiredSessions } from '../store/identity.ts';
import { requeueUnsettled, takeDue } from '../store/fleet/sweep.ts';
import { readHistory } from '../store/history.ts';
import { readTicket } from '../store/ticket.ts';

// A change's own job starts within a second; one that is still not done after two minutes without a job was lost.
const settleMs = 2 * 60_000;
// One transaction holds this many rows at most, so that a large backlog never blocks the tickets in it for long.
const pace = 50;

/** What one sweep did. */
export type Swept = { abandoned: number; requeued: number; sessions: number };

/**
 * One sweep at `now` (ms): reservations whose channel never appeared are given up, tickets that Discord does not look like
 * are queued again, sessions that ran out are removed. Several workers may sweep at once; call it again while it finds work.
 */
export async function sweep(ctx: Ctx, input: { now: number }): Promise<Swept> {
  const abandoned = await freeReservations(ctx, input.now);
  const requeued = await requeueUnsettled(ctx.db, { before: input.now - settleMs, limit: pace });
  const sessions = await deleteExpiredSessions(ctx.db, { now: input.now });
  if (abandoned + requeued > 0) ctx.log.info({ abandoned, requeued }, 'sweep found work');
  return { abandoned, requeued, sessions };
}

function freeReservations(ctx: Ctx, now: number): Promise<number> {
  return ctx.db.transaction(async (db) => {
    const due = await takeDue(db, { now, limit: pace });
    // In the order of their ids, like everybody who changes several tickets.
    for (const { guildId, ticketId } of due.toSorted((a, b) => a.ticketId - b.ticketId)) {
      const ticket = await readTicket(db, guildId, ticketId);
      if (!ticket) throw new Error(`ticket ${ticketId} vanished under its lock`);
      const history = await readHistory(db, guildId, ticketId);
      await commitChange(db, { ticket, history }, 'abandon', { set: { nextActionAt: null } });
    }
    return due.length;
  });
}
