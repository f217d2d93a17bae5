import type { Ctx } from '../context.ts';
import type { Actor } from '../permission.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/**
 * Keeps a ticket open whatever timers say, a close request's too, or lets them close it again; `isExcluded` null turns it around.
 * @throws AppError ticket.closed, permission.…
 */
export function excludeTicket(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; isExcluded: boolean | null; at: number },
): Promise<Ticket> {
  const { ticketId, by, at } = input;
  return changeTicket(ctx, guildId, { ticketId, verb: 'change' }, async ({ ticket, access, history }) => {
    mustMay(by, 'ticket.exclude', access, ticket);
    const isReplay = history.some(
      ({ name, actorId, data }) =>
        (name === 'excluded' || name === 'included') && actorId === by.id && data.askedAt === at,
    );
    const isExcluded = input.isExcluded ?? !ticket.isExcluded;
    if (isReplay || isExcluded === ticket.isExcluded) return undefined;
    const name = isExcluded ? ('excluded' as const) : ('included' as const);
    return { set: { isExcluded }, entry: { name, by: authorOf(by, ticket, access), at } };
  });
}
