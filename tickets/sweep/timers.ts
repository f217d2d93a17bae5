import { type ReasonOf, runTimer, timerProblem } from '../actions/run-timer.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { listDueTimers } from '../store/fleet/sweep.ts';
import { readGuild } from '../store/guild.ts';
import { readTicket } from '../store/ticket.ts';
import { lockOpenTickets, postponeTimer, writeTimers } from '../store/timer.ts';
import { nextTimer, staleAtOf, timerRules } from '../timers.ts';

/** How many tickets one sweep takes: what they need in Discord is some hundred requests, a few seconds of its limit. */
export const timerPace = 50;
const batch = 200;
const firstBackoffMs = 60_000;
const lastBackoffMs = 60 * 60_000;

/** What one sweep of timers did. */
export type SweptTimers = { taken: number; closed: number; failed: number };

/**
 * Does what is due at `now` (ms) to at most `timerPace` open tickets, in turns over the servers. Several workers may sweep at once. A ticket whose
 * timer fails is tried again after a while, longer each time, and says so; it holds up no other.
 */
export async function sweepTimers(ctx: Ctx, input: { now: number; reasonOf: ReasonOf }): Promise<SweptTimers> {
  const { now, reasonOf } = input;
  const due = await listDueTimers(ctx.db, { now, limit: timerPace });
  const swept: SweptTimers = { taken: 0, closed: 0, failed: 0 };
  for (const { guildId, ticketId } of due) {
    try {
      const outcome = await runTimer(ctx, guildId, { ticketId, now, reasonOf });
      if (outcome !== 'none') swept.taken += 1;
      if (outcome !== 'none' && outcome !== 'warning' && outcome !== 'stale') swept.closed += 1;
    } catch (err) {
      // Where not even this can be written the database is away: the sweep ends, and begins again.
      await postpone(ctx, { guildId, ticketId, now });
      ctx.log.error({ err, guildId, ticketId }, 'timer failed; it is tried again later');
      swept.failed += 1;
    }
  }
  return swept;
}

async function postpone(ctx: Ctx, o: { guildId: string; ticketId: number; now: number }): Promise<void> {
  const ticket = await readTicket(ctx.db, o.guildId, o.ticketId);
  const before = ticket?.applied.problem;
  const tries = before?.code === timerProblem ? Number(before.context.tries) + 1 : 1;
  const until = o.now + Math.min(lastBackoffMs, firstBackoffMs * 2 ** (tries - 1));
  const problem = { code: timerProblem, context: { tries }, at: o.now };
  await postponeTimer(ctx.db, o.guildId, { ticketId: o.ticketId, until, problem });
}

/**
 * Reckons the timers of all open tickets of a server anew, after a change of what they depend on: in batches, so that no ticket is held for long.
 * Repeated, it writes the same.
 */
export async function retimeTickets(ctx: Ctx, guildId: string): Promise<number> {
  let after = 0;
  let count = 0;
  for (;;) {
    const ids = await ctx.db.transaction(async (db) => {
      const tickets = await lockOpenTickets(db, guildId, { after, limit: batch });
      // Read under the locks: whoever holds a ticket after us reads these settings, or newer ones, which bring a job of their own.
      const guild = await readGuild(db, guildId);
      if (!guild) throw new AppError('guild.unknown');
      const rules = timerRules(guild.settings, { ...guild, premium: ctx.premium, now: ctx.now() });
      const timed = tickets.map((ticket) => {
        const staleAt = staleAtOf(ticket, ticket.facts, rules);
        return { ...ticket, staleAt, nextActionAt: nextTimer({ ...ticket, staleAt }, ticket.facts, rules)?.at ?? null };
      });
      await writeTimers(db, guildId, timed);
      return timed.map(({ id }) => id);
    });
    count += ids.length;
    after = ids.at(-1) ?? after;
    if (ids.length < batch) return count;
  }
}
