import type { Ctx } from '../context.ts';
import type { Ticket } from '../ticket.ts';
import { changeTicket } from './commit.ts';

/**
 * Gives up a ticket that never opened: its place under the limits is free again, and the reconciler deletes a channel that
 * appears after all. An abandoned ticket is returned as it is.
 * @throws AppError ticket.unknown, ticket.open, ticket.closed
 */
export function abandonTicket(ctx: Ctx, guildId: string, input: { ticketId: number }): Promise<Ticket> {
  return changeTicket(ctx, guildId, { ticketId: input.ticketId, verb: 'abandon' }, ({ ticket }) =>
    ticket.state === 'abandoned' ? undefined : { set: { nextActionAt: null, queuedAt: null } },
  );
}
