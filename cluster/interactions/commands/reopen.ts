import { type APIGuildMember, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { channelMention } from '#discord/markdown.ts';
import { discordCodeOf } from '#discord/rest.ts';
import { reopenTicket } from '#tickets/actions/reopen.ts';
import { AppError } from '#tickets/errors.ts';
import { recordApplied } from '#tickets/store/applied.ts';
import { readTicketIdByNumber } from '#tickets/store/thread.ts';
import { readTicket } from '#tickets/store/ticket.ts';
import type { Actor } from '#tickets/permission.ts';
import type { Ticket } from '#tickets/ticket.ts';
import { type Call, defineCommand } from '../define.ts';
import { integer } from '../options.ts';

/** The opener with the roles that they have now; null when they have left the server. */
async function openerOf({ deps, guildId }: Call, ticket: Ticket): Promise<Actor | null> {
  try {
    const member = (await deps.botRest.get(Routes.guildMember(guildId, ticket.openerId))) as APIGuildMember;
    return { id: ticket.openerId, roleIds: member.roles, isOwner: false, hasManageGuild: false };
  } catch (error) {
    const code = discordCodeOf(error);
    if (code === RESTJSONErrorCodes.UnknownMember || code === RESTJSONErrorCodes.UnknownUser) return null;
    throw error;
  }
}

/** Throws `reopen.gone` when the thread was deleted, by whomever and whenever. */
async function mustExist({ deps, guildId }: Call, ticket: Ticket): Promise<void> {
  try {
    if (ticket.mode === 'thread' && ticket.channelId) await deps.botRest.get(Routes.channel(ticket.channelId));
  } catch (error) {
    if (discordCodeOf(error) !== RESTJSONErrorCodes.UnknownChannel) throw error;
    await recordApplied(deps.ctx.db, guildId, ticket.id, { channelDeletedAt: deps.ctx.now() });
    throw new AppError('reopen.gone', {}, { cause: error });
  }
}

/** Opens a closed ticket again, if it is a thread (features.md 1.2-16). */
export const reopenCommand = defineCommand({
  name: 'reopen',
  level: 'support',
  defer: 'ephemeral',
  options: { ticket_id: integer({ min: 1, max: 2_147_483_647 }) },
  async run(call) {
    const { deps, guildId, actor, at, options, reply } = call;
    const found = await readTicketIdByNumber(deps.ctx.db, guildId, options.ticket_id);
    const ticket = found && (await readTicket(deps.ctx.db, guildId, found.ticketId));
    if (!ticket) throw new AppError('ticket.unknown');
    if (ticket.state === 'closed') await mustExist(call, ticket);
    const opener = await openerOf(call, ticket);
    const reopened = await reopenTicket(deps.ctx, guildId, { ticketId: ticket.id, by: actor, opener, at });
    await reply.text('commands.reopen.done', { channel: channelMention(reopened.channelId ?? '') });
  },
});
