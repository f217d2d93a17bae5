import type { REST } from '@discordjs/rest';
import { type APIGuildMember, type APIMessage, RESTJSONErrorCodes, Routes } from 'discord-api-types/v10';
import QuickLRU from 'quick-lru';
import { discordCodeOf } from '#discord/rest.ts';
import type { Log } from '#runtime/log.ts';
import type { IncomingMessage } from '#tickets/actions/record-messages.ts';
import type { TicketChannel } from './channels.ts';
import { messageOf } from './incoming.ts';

/** A channel of a ticket and the newest message that Discord says is in it. */
export type MovedChannel = TicketChannel & { lastMessageId: string };

/** The same when its ticket is known. */
export type PlacedChannel = MovedChannel & { ticketId: number };

export type GapOptions = {
  /** On the shared limiter, behind open tickets. */
  rest: Pick<REST, 'get'>;
  botUserId: string;
  /** The newest stored message of each ticket; tickets without one are left out. */
  lastStored: (guildId: string, ticketIds: readonly number[]) => Promise<{ ticketId: number; messageId: string }[]>;
  push: (message: IncomingMessage, done: () => void) => void;
  log: Log;
};

const pageSize = 100;
// Not worth another try: the channel or the person is gone, or Docket may not look.
const gone = new Set<number>([
  RESTJSONErrorCodes.UnknownChannel,
  RESTJSONErrorCodes.UnknownMember,
  RESTJSONErrorCodes.UnknownUser,
  RESTJSONErrorCodes.UnknownGuild,
  RESTJSONErrorCodes.MissingAccess,
  RESTJSONErrorCodes.MissingPermissions,
]);
const isGone = (error: unknown): boolean => gone.has(discordCodeOf(error) ?? 0);

/**
 * Returns what reads the messages that a lost session did not bring. Only channels whose newest message is not stored are read; messages
 * read by REST have no member, so roles come from one cached request per author. Resolves when all of them are durable.
 */
export function createGapFiller(o: GapOptions): (guildId: string, channels: readonly PlacedChannel[]) => Promise<void> {
  const roles = new QuickLRU<string, Promise<readonly string[]>>({ maxSize: 2_000, maxAge: 600_000 });

  const rolesOf = (guildId: string, message: APIMessage): Promise<readonly string[]> => {
    if (message.author.bot || message.webhook_id) return Promise.resolve([]);
    const key = `${guildId}:${message.author.id}`;
    const known = roles.get(key);
    if (known) return known;
    const asked = (o.rest.get(Routes.guildMember(guildId, message.author.id)) as Promise<APIGuildMember>).then(
      (member) => member.roles,
      (error: unknown) => {
        if (isGone(error)) return []; // they left since
        roles.delete(key);
        throw error;
      },
    );
    roles.set(key, asked);
    return asked;
  };

  const readChannel = async (channel: PlacedChannel, stored: string | undefined): Promise<number> => {
    let after = stored ?? channel.channelId; // a channel is older than its messages
    let found = 0;
    for (;;) {
      const query = new URLSearchParams({ after, limit: String(pageSize) });
      const page = (await o.rest.get(Routes.channelMessages(channel.channelId), { query })) as APIMessage[];
      const ascending = page.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
      const durable: Promise<void>[] = [];
      for (const message of ascending) {
        const roleIds = await rolesOf(channel.guildId, message);
        const entry = messageOf(message, { ...channel, roleIds, botUserId: o.botUserId });
        if (!entry) continue;
        found += 1;
        durable.push(new Promise((resolve) => o.push(entry, resolve)));
      }
      await Promise.all(durable);
      const newest = ascending.at(-1);
      if (!newest || page.length < pageSize) return found;
      after = newest.id;
    }
  };

  return async (guildId, channels) => {
    const stored = await o.lastStored(
      guildId,
      channels.map((channel) => channel.ticketId),
    );
    const lastOf = new Map(stored.map((row) => [row.ticketId, row.messageId]));
    for (const channel of channels) {
      const last = lastOf.get(channel.ticketId);
      if (last !== undefined && BigInt(last) >= BigInt(channel.lastMessageId)) continue;
      try {
        const found = await readChannel(channel, last);
        if (found > 0) o.log.info({ guildId, channelId: channel.channelId, found }, 'missed messages read');
      } catch (err) {
        if (!isGone(err)) throw err;
        o.log.warn({ err, guildId, channelId: channel.channelId }, 'missed messages could not be read');
      }
    }
  };
}
