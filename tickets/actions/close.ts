import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/**
 * Closes a ticket. `by` null: Docket itself (a timer, a channel that was deleted by hand).
 * @throws AppError ticket.closed, ticket.not-ready, close.reason-required, close.not-allowed, permission.…
 */
export function closeTicket(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor | null; reason: string | null; at: number },
): Promise<Ticket> {
  const { ticketId, by, at } = input;
  const asked = { name: 'closed' as const, by: by?.id ?? null, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'close', asked }, ({ ticket, access }) => {
    if (by) mustMay(by, 'ticket.close', access, ticket);
    const reason = input.reason ?? access.settings.defaultCloseReason;
    if (by && reason === null && access.settings.closeRequiresReason) throw new AppError('close.reason-required');
    return {
      set: { closeReason: reason, nextActionAt: null },
      entry: { name: 'closed', by: authorOf(by, ticket, access), at, data: { reason } },
    };
  });
}
