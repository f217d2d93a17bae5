import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { deleteMember } from '../store/ticket.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/**
 * Takes somebody out of a ticket who was added to it.
 * @throws AppError member.opener, member.absent {userId}, ticket.closed, permission.…
 */
export function removeMember(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; userId: string; at?: number },
): Promise<Ticket> {
  const { ticketId, by, userId } = input;
  const at = input.at ?? ctx.now();
  const asked = { name: 'member_removed' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'remove', asked }, async (seen) => {
    const { db, ticket, access } = seen;
    mustMay(by, 'ticket.remove', access, ticket);
    if (userId === ticket.openerId) throw new AppError('member.opener', { userId });
    if (!ticket.memberIds.includes(userId)) throw new AppError('member.absent', { userId });
    await deleteMember(db, guildId, { ticketId, userId });
    return {
      set: { memberIds: ticket.memberIds.filter((id) => id !== userId) },
      entry: { name: 'member_removed', by: authorOf(by, ticket, access), at, data: { userId } },
    };
  });
}
