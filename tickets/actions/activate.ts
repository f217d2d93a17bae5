import type { Ctx } from '../context.ts';
import { AppError } from '../errors.ts';
import { lockCounter, takeLifetimeNo } from '../store/guild.ts';
import { lockTicket } from '../store/ticket.ts';
import type { Ticket } from '../ticket.ts';
import { authorOf, commitChange, readInForce } from './commit.ts';

/**
 * Opens a ticket that has its channel: it gets its lifetime number and is told to the world, as of the click that reserved
 * it. An open or closed ticket is returned as it is.
 * @throws AppError ticket.unknown, ticket.closed (abandoned), ticket.not-ready (no channel yet)
 */
export function activateTicket(ctx: Ctx, guildId: string, input: { ticketId: number }): Promise<Ticket> {
  return ctx.db.transaction(async (db) => {
    if (!(await lockCounter(db, guildId))) throw new AppError('guild.unknown');
    const ticket = await lockTicket(db, guildId, input.ticketId);
    if (!ticket) throw new AppError('ticket.unknown');
    if (ticket.lifetimeNo !== null) return ticket;
    const access = await readInForce(db, guildId);
    const opener = { id: ticket.openedBy, roleIds: [], isOwner: false, hasManageGuild: false };
    const by =
      ticket.openedBy === ticket.openerId
        ? { actorId: ticket.openerId, actorKind: 'opener' as const, actorTeamIds: [] }
        : { ...authorOf(opener, ticket, access), actorKind: 'staff' as const };
    const lifetimeNo = ticket.state === 'channel' ? await takeLifetimeNo(db, guildId) : null;
    const opened = await commitChange(db, { ticket, history: [] }, 'activate', {
      set: { lifetimeNo, nextActionAt: null },
      entry: { name: 'opened', by, at: ticket.openedAt, data: { readyAt: ctx.now() } },
    });
    ctx.log.info({ guildId, ticketId: ticket.id, lifetimeNo }, 'ticket opened');
    return opened;
  });
}
