import type { Ctx } from '../context.ts';
import type { Ticket } from '../ticket.ts';
import { changeTicket } from './commit.ts';

/**
 * Gives a reservation its channel. Repeated with the same channel it changes nothing.
 * @throws AppError ticket.unknown, ticket.closed (abandoned meanwhile: delete the channel), ticket.not-ready (has another)
 */
export function attachChannel(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; channelId: string; parentId?: string },
): Promise<Ticket> {
  return changeTicket(ctx, guildId, { ticketId: input.ticketId, verb: 'attach' }, ({ ticket }) =>
    ticket.channelId === input.channelId && ticket.state !== 'abandoned'
      ? undefined
      : // From here on the reconciler, not the reservation's deadline, is responsible.
        {
          set: {
            channelId: input.channelId,
            parentId: input.parentId ?? ticket.parentId,
            nextActionAt: null,
            queuedAt: null,
          },
        },
  );
}
