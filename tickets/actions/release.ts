import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { type Actor, levelOf } from '../permission.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/**
 * Lets go of a ticket: its claimer, or an admin.
 * @throws AppError claim.none, claim.not-yours {claimedBy}, ticket.closed, permission.…
 */
export function releaseTicket(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; at: number },
): Promise<Ticket> {
  const { ticketId, by, at } = input;
  const asked = { name: 'released' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'release', asked }, ({ ticket, access }) => {
    mustMay(by, 'ticket.release', access, ticket);
    if (ticket.claimedBy === null) throw new AppError('claim.none');
    if (ticket.claimedBy !== by.id && levelOf(by, access) !== 'admin') {
      throw new AppError('claim.not-yours', { claimedBy: ticket.claimedBy });
    }
    return { entry: { name: 'released', by: authorOf(by, ticket, access), at } };
  });
}
