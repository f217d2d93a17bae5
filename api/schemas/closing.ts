import { Type } from 'typebox';
import type { PremiumMode } from '#tickets/entitlement.ts';
import type { Guild } from '#tickets/store/guild.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { nextTimer, timerRules } from '#tickets/timers.ts';
import { iso, isoOrNull, moment, nullable, snowflake } from './basic.ts';

/** What happens to an open ticket by itself next. */
export const nextAction = nullable(
  Type.Object({
    at: moment,
    kind: Type.Enum(['no-response', 'inactive', 'close-request', 'stale', 'warning']),
  }),
);

/** The staff's question whether a ticket may be closed. */
export const closeRequestSchema = nullable(
  Type.Object({
    by: snowflake,
    at: moment,
    reason: nullable(Type.String()),
    closesAt: nullable(moment),
  }),
);

/** What happens to a ticket next, as its server is entitled to it now. */
export function nextActionOf(ticket: Ticket, guild: Guild, o: { premium: PremiumMode; now(): number }) {
  if (ticket.state !== 'open') return null;
  const rules = timerRules(guild.settings, { ...guild, premium: o.premium, now: o.now() });
  const timer = nextTimer(ticket, ticket.facts, rules);
  return timer && { at: iso(timer.at), kind: timer.kind };
}

export const closeRequestOf = ({ closeRequest }: Ticket) =>
  closeRequest && {
    by: closeRequest.by,
    at: iso(closeRequest.at),
    reason: closeRequest.reason,
    closesAt: isoOrNull(closeRequest.closesAt),
  };
