import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { type Actor, levelOf, refusalOf, teamIdsOf } from '../permission.ts';
import type { Ticket } from '../ticket.ts';
import { mustBeClaimable, pingOf } from './claim.ts';
import { authorOf, changeTicket, mustMay } from './commit.ts';

/** Who gets a ticket from whom. */
export type AssignInput = {
  ticketId: number;
  by: Actor;
  /** With the roles that Discord tells; whoever might claim the ticket may be given it. */
  assignee: Actor & { readonly isBot: boolean };
  at: number;
  /** A transfer hands on what is held; an assignment also gives out what nobody holds (features.md 1.2-09, 1.16-03). */
  isTransfer: boolean;
};

/**
 * Gives a ticket to a member of its staff. What somebody holds only they and admins hand on. Whoever has it already keeps it, and nothing
 * changes.
 * @throws AppError assign.not-staff {userId}, claim.none, claim.not-yours {claimedBy}, claim.thread, ticket.closed, permission.…
 */
export function assignTicket(ctx: Ctx, guildId: string, input: AssignInput): Promise<Ticket> {
  const { ticketId, by, assignee, at, isTransfer } = input;
  const asked = { name: 'assigned' as const, by: by.id, at };
  return changeTicket(ctx, guildId, { ticketId, verb: 'change', asked }, ({ ticket, access }) => {
    mustMay(by, 'ticket.assign', access, ticket);
    mustBeClaimable(ticket);
    const { claimedBy } = ticket;
    if (isTransfer && claimedBy === null) throw new AppError('claim.none');
    if (claimedBy !== null && claimedBy !== by.id && levelOf(by, access) !== 'admin') {
      throw new AppError('claim.not-yours', { claimedBy });
    }
    const isStaff = refusalOf(assignee, 'ticket.claim', access, { ...ticket, claimedBy: null }) === undefined;
    if (assignee.isBot || !isStaff) throw new AppError('assign.not-staff', { userId: assignee.id });
    if (claimedBy === assignee.id) return undefined;
    const person = { id: assignee.id, teamIds: teamIdsOf(assignee, access.staff) };
    const data = { assignee: person, userId: assignee.id, ...pingOf(access) };
    return { entry: { name: 'assigned', by: authorOf(by, ticket, access), at, data } };
  });
}
