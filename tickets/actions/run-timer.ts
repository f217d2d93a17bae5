import type { Db } from '#runtime/postgres.ts';
import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { recordApplied } from '../store/applied.ts';
import { type Guild, readGuild } from '../store/guild.ts';
import { readHistory } from '../store/history.ts';
import { readTicket } from '../store/ticket.ts';
import { holdOpenTicket, writeTimers } from '../store/timer.ts';
import type { Ticket } from '../ticket.ts';
import { type ClosingKind, nextClosing, nextTimer, type TimerKind, timerRules, type TimerSettings } from '../timers.ts';
import { type Change, commitChange } from './commit.ts';

/** Says in a server's language why Docket closes a ticket. */
export type ReasonOf = (guild: Guild, kind: ClosingKind) => string;

/** The code of the problem of a ticket whose timer failed. */
export const timerProblem = 'timer.failed';

/** What happened to a due ticket; `none`: it was not due after all, or somebody else has it in hand. */
export type TimerOutcome = TimerKind | 'none';

const nobody = { actorId: null, actorKind: 'system' as const, actorTeamIds: [] };

function changeFor(
  { ticket, guild, rules, now, reasonOf }: TimerRun,
  kind: TimerKind,
): { verb: 'change' | 'close'; change: Change } {
  switch (kind) {
    case 'warning': {
      const closing = nextClosing({ ...ticket, warnedAt: now }, ticket.facts, rules, now);
      const entry = { name: 'warned' as const, by: nobody, at: now, data: { closesAt: closing?.at ?? null } };
      return { verb: 'change', change: { set: { warnedAt: now }, entry, isBulk: true } };
    }
    case 'stale': {
      const entry = { name: 'went_stale' as const, by: nobody, at: now };
      return { verb: 'change', change: { set: { staleAt: now }, entry, isBulk: true } };
    }
    case 'no-response':
    case 'inactive':
    case 'close-request': {
      const asked = kind === 'close-request' ? ticket.closeRequest?.reason : null;
      const reason = asked ?? reasonOf(guild, kind);
      const set = { closeReason: reason, nextActionAt: null, closeRequest: null };
      const entry = { name: 'closed' as const, by: nobody, at: now, data: { reason } };
      return { verb: 'close', change: { set, entry, isBulk: true } };
    }
  }
}

type TimerRun = { ticket: Ticket; guild: Guild; rules: TimerSettings; now: number; reasonOf: ReasonOf };

/**
 * Does what is due to an open ticket at `now` (ms), at most one thing: warns, marks as stale, or closes. In one transaction that skips a ticket
 * which somebody else holds, so that two workers never do it twice.
 */
export function runTimer(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; now: number; reasonOf: ReasonOf },
): Promise<TimerOutcome> {
  const { ticketId, now, reasonOf } = input;
  return ctx.db.transaction(async (db) => {
    if (!(await holdOpenTicket(db, guildId, ticketId))) return 'none';
    const [ticket, guild] = [await readTicket(db, guildId, ticketId), await readGuild(db, guildId)];
    if (!ticket || !guild) throw new AppError('ticket.unknown');
    if (ticket.nextActionAt === null || ticket.nextActionAt > now) return 'none';
    const rules = timerRules(guild.settings, { ...guild, premium: ctx.premium, now });
    const timer = nextTimer(ticket, ticket.facts, rules);
    await forgetProblem(db, ticket);
    if (!timer || timer.at > now) {
      await writeTimers(db, guildId, [{ ...ticket, nextActionAt: timer?.at ?? null }]);
      return 'none';
    }
    const { verb, change } = changeFor({ ticket, guild, rules, now, reasonOf }, timer.kind);
    await commitChange(db, { ticket, history: await readHistory(db, guildId, ticketId) }, verb, change);
    ctx.log.info({ guildId, ticketId, timer: timer.kind }, 'timer was due');
    return timer.kind;
  });
}

/** What hindered a timer before hinders it no more. */
async function forgetProblem(db: Db, { guildId, id, applied }: Ticket): Promise<void> {
  if (applied.problem?.code === timerProblem) await recordApplied(db, guildId, id, { problem: null });
}
