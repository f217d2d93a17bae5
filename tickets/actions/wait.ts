import type { Ctx } from '../context.ts';
import { listWaiting } from '../store/room.ts';
import { addTicketJob } from '../store/job.ts';
import type { Ticket } from '../ticket.ts';
import { changeTicket } from './commit.ts';

/**
 * Lets a reservation wait for room in Discord: it keeps its place in the queue and under the limits, and does not run out.
 * @throws AppError ticket.unknown, ticket.open, ticket.closed, ticket.not-ready (it has its channel)
 */
export function queueTicket(ctx: Ctx, guildId: string, input: { ticketId: number }): Promise<Ticket> {
  return changeTicket(ctx, guildId, { ticketId: input.ticketId, verb: 'wait' }, ({ ticket }) =>
    ticket.queuedAt === null ? { set: { queuedAt: ctx.now(), nextActionAt: null } } : undefined,
  );
}

/**
 * Makes a thread ticket of a reservation whose channel finds no room.
 * @throws AppError ticket.unknown, ticket.open, ticket.closed, ticket.not-ready
 */
export function useThread(ctx: Ctx, guildId: string, input: { ticketId: number }): Promise<Ticket> {
  return changeTicket(ctx, guildId, { ticketId: input.ticketId, verb: 'wait' }, ({ ticket }) =>
    ticket.mode === 'thread' ? undefined : { set: { mode: 'thread' } },
  );
}

/** As many as are told their new place at once; whoever stands further behind learns it when the queue has moved on. */
const toldAtOnce = 50;

/** There may be room again, or the queue has moved: those in front look for themselves. */
export async function wakeQueue(ctx: Ctx, guildId: string): Promise<void> {
  for (const ticketId of await listWaiting(ctx.db, guildId, { limit: toldAtOnce }))
    await addTicketJob(ctx.db, guildId, ticketId);
}
