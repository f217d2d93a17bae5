import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { readReason } from '../reason.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/**
 * Writes the reason of a closing anew (features.md 1.7-03): whoever closed the ticket, its staff, admins. `ifVersion`: the version that the last
 * change made, as whoever edits has seen it.
 * @throws AppError ticket.open, ticket.stale, close.reason-required, reason.not-allowed, input.invalid {field, fix}
 */
export async function amendReason(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; reason: string | null; at: number; ifVersion?: number },
): Promise<Ticket> {
  const { ticketId, by, at, ifVersion } = input;
  const reason = readReason(input.reason);
  const asked = { name: 'reason_set' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'amend', asked }, ({ ticket, access, changeVersion }) => {
    mustMay(by, 'ticket.amend', access, ticket);
    if (ifVersion !== undefined && ifVersion !== changeVersion) throw new AppError('ticket.stale');
    if (reason === null && access.settings.closeRequiresReason) throw new AppError('close.reason-required');
    if (reason === ticket.closeReason) return undefined;
    const data = { reason, before: ticket.closeReason, after: reason };
    return { set: { closeReason: reason }, entry: { name: 'reason_set', by: authorOf(by, ticket, access), at, data } };
  });
}
