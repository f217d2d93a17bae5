import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import type { HistoryData } from '../store/history.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, type InForce, mustMay } from './commit.ts';

/** Threads are not claimed: who writes there cannot be told apart (features.md 1.6-01). Throws claim.thread. */
export function mustBeClaimable(ticket: Ticket): void {
  if (ticket.mode === 'thread') throw new AppError('claim.thread');
}

/** Whether the opener is told by a ping, decided with the claim: a setting changed later pings nobody about old claims. */
export const pingOf = ({ settings }: InForce): Pick<HistoryData, 'pings'> =>
  settings.pingOpenerOnClaim ? { pings: true } : {};

/**
 * Takes a ticket, if nobody has it: of two at once one wins. Whoever holds it already gets it as it is.
 * @throws AppError claim.taken {claimedBy}, claim.disabled, claim.thread, ticket.closed, permission.…
 */
export function claimTicket(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; at: number },
): Promise<Ticket> {
  const { ticketId, by, at } = input;
  const asked = { name: 'claimed' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'claim', asked }, ({ ticket, access }) => {
    mustMay(by, 'ticket.claim', access, ticket);
    mustBeClaimable(ticket);
    if (access.settings.claimingMode === 'disabled') throw new AppError('claim.disabled');
    if (ticket.state === 'open' && ticket.claimedBy !== null) {
      if (ticket.claimedBy === by.id) return undefined;
      throw new AppError('claim.taken', { claimedBy: ticket.claimedBy });
    }
    const author = authorOf(by, { ...ticket, claimedBy: by.id }, access);
    return { entry: { name: 'claimed', by: author, at, data: pingOf(access) } };
  });
}
