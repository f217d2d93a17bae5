// Looks for what an earlier, interrupted run may have made. Only asked for after an interruption: it costs a request.
import {
  type APIChannel,
  type APIMessage,
  type APITextChannel,
  type APIThreadChannel,
  type APIThreadList,
  ChannelType,
  Routes,
} from 'discord-api-types/v10';
import { parseTopic } from '#discord/topic.ts';
import type { RestClient } from '../interactions/deps.ts';
import { timeOfSnowflake } from '../interactions/snowflake.ts';

/** The text channels whose topic names this ticket, oldest first. */
export async function findTicketChannels(rest: RestClient, guildId: string, ticketId: number): Promise<string[]> {
  const channels = (await rest.get(Routes.guildChannels(guildId))) as APIChannel[];
  return channels
    .filter((channel): channel is APITextChannel => channel.type === ChannelType.GuildText)
    .filter((channel) => parseTopic(channel.topic) === ticketId)
    .map((channel) => channel.id)
    .toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}

/**
 * Docket's own private threads of this name that were made since `since` (ms), oldest first. A thread has no topic that could name its ticket, so
 * whoever asks leaves out those that belong to one.
 */
export async function findOwnThreads(
  rest: RestClient,
  o: { guildId: string; botUserId: string; name: string; since: number },
): Promise<string[]> {
  const { threads } = (await rest.get(Routes.guildActiveThreads(o.guildId))) as APIThreadList;
  return threads
    .filter((one): one is APIThreadChannel => one.type === ChannelType.PrivateThread)
    .filter((one) => one.owner_id === o.botUserId && one.name === o.name && timeOfSnowflake(one.id) >= o.since)
    .map((one) => one.id)
    .toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}

/** Discord's clock and ours differ a little. */
const clockSlackMs = 2_000;

/** The newest of the bot's own messages in a channel that contain `mark` (a custom id, a link); null when there is none. */
export async function findMessage(
  rest: RestClient,
  o: { channelId: string; botUserId: string; mark: string; since?: number },
): Promise<string | null> {
  const messages = (await rest.get(Routes.channelMessages(o.channelId), {
    query: new URLSearchParams({ limit: '50' }),
  })) as APIMessage[];
  const isIt = (message: APIMessage): boolean =>
    message.author.id === o.botUserId &&
    timeOfSnowflake(message.id) >= (o.since ?? 0) - clockSlackMs &&
    JSON.stringify([message.content, message.components, message.embeds]).includes(o.mark);
  return messages.find(isIt)?.id ?? null;
}
