import type { REST } from '@discordjs/rest';
import { RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import { discordCodeOf } from '#discord/rest.ts';
import { guildLocale, translate } from '#locales/index.ts';
import { abandonTicket } from '#tickets/actions/abandon.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import type { Ctx } from '#tickets/context.ts';
import { AppError } from '#tickets/errors.ts';
import { readGuild } from '#tickets/store/guild.ts';
import { recordApplied } from '#tickets/store/applied.ts';
import { threadsInChannel } from '#tickets/store/thread.ts';
import { readTicket, readTicketByChannel } from '#tickets/store/ticket.ts';
import type { TicketChannel } from './channels.ts';

/** Ends tickets whose channel somebody deleted by hand: there is nowhere left to talk, and the opener's place must be free again. */
export type GoneChannels = {
  /** Discord said that this channel is gone. */
  deleted(channel: TicketChannel): Promise<void>;
  /** These were not among a server's channels: those that Discord confirms to be gone are treated like deleted ones. */
  missing(channels: readonly TicketChannel[]): Promise<void>;
};

/** `rest` is on the shared limiter, behind open tickets. Both functions are idempotent and throw what is worth another try. */
export function createGoneChannels(o: { ctx: Ctx; rest: Pick<REST, 'get'> }): GoneChannels {
  const { ctx } = o;

  /** The ticket, if it still counts on this channel. A surplus channel of an interrupted creation is not a ticket's. */
  const hangingOn = async ({ guildId, ticketId, channelId }: TicketChannel) => {
    const ticket =
      ticketId === null
        ? await readTicketByChannel(ctx.db, guildId, channelId)
        : await readTicket(ctx.db, guildId, ticketId);
    const isArchived = ticket?.mode === 'thread' && ticket.state === 'closed' && ticket.channelId === channelId;
    // A closed ticket cannot be reopened without its thread.
    if (isArchived && ticket.applied.channelDeletedAt === null)
      await recordApplied(ctx.db, guildId, ticket.id, { channelDeletedAt: ctx.now() });
    const isAlive = ticket?.state === 'open' || ticket?.state === 'channel';
    return isAlive && ticket.channelId === channelId ? ticket : null;
  };

  const deleted = async (channel: TicketChannel): Promise<void> => {
    const { guildId } = channel;
    const ticket = await hangingOn(channel);
    if (!ticket) return channel.ticketId === null ? deletedIn(channel) : undefined; // mostly: Docket deleted it itself
    const ticketId = ticket.id;
    try {
      if (ticket.state === 'channel') await abandonTicket(ctx, guildId, { ticketId });
      else {
        const guild = await readGuild(ctx.db, guildId);
        const reason = translate(
          guildLocale(guild?.settings.language ?? null, guild?.locale ?? null),
          'close.channel-deleted',
        );
        await closeTicket(ctx, guildId, { ticketId, by: null, reason, at: ctx.now() });
      }
    } catch (error) {
      // Ended, or opened, in the same moment. Opened: read it once more.
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'ticket.open') return deleted(channel);
      if (error.code !== 'ticket.closed') throw error;
    }
  };

  /** A channel that was no ticket's took its threads along: Discord does not name them. */
  const deletedIn = async ({ guildId, channelId: parentId }: TicketChannel): Promise<void> => {
    for (const { channelId, ticketId } of await threadsInChannel(ctx.db, guildId, parentId))
      await deleted({ guildId, channelId, ticketId });
  };

  const isGone = async (channelId: string): Promise<boolean> => {
    try {
      await o.rest.get(Routes.channel(channelId));
      return false;
    } catch (error) {
      const code = discordCodeOf(error);
      if (code === RESTJSONErrorCodes.UnknownChannel) return true;
      if (code === null) throw error;
      return false; // hidden from Docket, but there
    }
  };

  return {
    deleted,
    async missing(channels) {
      for (const channel of channels)
        if ((await hangingOn(channel)) && (await isGone(channel.channelId))) await deleted(channel);
    },
  };
}
