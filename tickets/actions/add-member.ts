import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import type { Actor } from '../permission.ts';
import { insertMember } from '../store/ticket.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/** A channel takes 1,000 overwrites, which staff need too (discord/permissions.ts). */
export const maxMembers = 100;

/**
 * Lets somebody into a ticket.
 * @throws AppError member.opener, member.limit {limit}, member.present {userId}, ticket.closed, permission.…
 */
export function addMember(
  ctx: Ctx,
  guildId: string,
  input: { ticketId: number; by: Actor; userId: string; at?: number },
): Promise<Ticket> {
  const { ticketId, by, userId } = input;
  const at = input.at ?? ctx.now();
  const asked = { name: 'member_added' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'add', asked }, async (seen) => {
    const { db, ticket, access } = seen;
    mustMay(by, 'ticket.add', access, ticket);
    if (userId === ticket.openerId) throw new AppError('member.opener', { userId });
    if (ticket.memberIds.includes(userId)) throw new AppError('member.present', { userId });
    if (ticket.memberIds.length >= maxMembers) throw new AppError('member.limit', { limit: maxMembers });
    await insertMember(db, guildId, { ticketId, userId, addedBy: by.id, at });
    return {
      set: { memberIds: [...ticket.memberIds, userId] },
      entry: { name: 'member_added', by: authorOf(by, ticket, access), at, data: { userId } },
    };
  });
}
