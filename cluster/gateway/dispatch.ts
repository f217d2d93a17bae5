import {
  type APIInteraction,
  type APIThreadChannel,
  ChannelType,
  GatewayDispatchEvents as Events,
  type GatewayDispatchPayload,
  type GatewayGuildCreateDispatchData,
  type GatewayGuildUpdateDispatchData,
} from 'discord-api-types/v10';
import { parseTopic } from '#discord/topic.ts';
import type { Log } from '#runtime/log.ts';
import { metrics } from '#runtime/telemetry.ts';
import type { TicketChannel, TicketChannels } from './channels.ts';
import type { MovedChannel } from './gap.ts';
import { type Asking, isAsking } from './dedicated.ts';
import { editOf, type MessageChange, messageOf } from './incoming.ts';
import type { Sequence } from './sequence.ts';

/** What the gateway's events lead to. `done` is called when an event is finished: stored, or answered. */
export type Destinations = {
  botUserId: string;
  channels: TicketChannels;
  now: () => number;
  onInteraction: (interaction: APIInteraction, receivedMonotonicMs: number) => Promise<void>;
  onMessage: (change: MessageChange, done: () => void) => void;
  /** Whether a message in this channel opens a ticket. */
  isDedicated: (channelId: string) => boolean;
  /** The server in which this message shows panels. */
  panelGuildOf: (messageId: string) => string | undefined;
  /** A message that shows panels is gone: mostly because somebody deleted it by hand. */
  onPanelMessageDeleted: (guildId: string, messageId: string, done: () => void) => void;
  onAsking: (message: Asking, done: () => void) => void;
  /** A server as it is now, and its ticket channels with the newest message in each. */
  onGuild: (guild: GatewayGuildCreateDispatchData, moved: MovedChannel[], done: () => void) => void;
  onGuildChanged: (guild: GatewayGuildUpdateDispatchData, done: () => void) => void;
  /** These threads came into sight, with the newest message in each. */
  onThreads: (guildId: string, moved: MovedChannel[], done: () => void) => void;
  /** Docket made a channel or thread for a ticket, whose row may not name it yet. */
  onChannelMade: (channel: TicketChannel, done: () => void) => void;
  /** A channel or thread is gone that may be a ticket's, or hold tickets' threads: mostly because Docket deleted it, sometimes by hand. */
  onChannelDeleted: (channel: TicketChannel, done: () => void) => void;
  onGuildLeft: (guildId: string, done: () => void) => void;
  /** Somebody left a server, or was removed. Told with the intent GUILD_MEMBERS only. */
  onMemberLeft: (guildId: string, userId: string, done: () => void) => void;
  log: Log;
};

type GuildThread = Pick<APIThreadChannel, 'id' | 'type' | 'owner_id' | 'thread_metadata'>;

/** Routes one dispatch of a shard. */
export type Route = (payload: GatewayDispatchPayload, sequence: Sequence) => void;

/**
 * Returns what routes dispatches, in the order of their arrival and without waiting: most of them concern nobody and end here. An
 * interaction leaves at once, whatever else is waiting.
 */
export function createRoute(o: Destinations): Route {
  const { channels } = o;
  const counters = new Map<string, { inc(): void }>();
  const count = (event: string): void => {
    let counter = counters.get(event);
    if (!counter) counters.set(event, (counter = metrics.gatewayDispatches.labels(event)));
    counter.inc();
  };

  const learn = (guildId: string, channel: { id: string; topic?: string | null }): void => {
    const ticketId = parseTopic(channel.topic);
    if (ticketId !== null) channels.add({ channelId: channel.id, ticketId, guildId }, o.now());
  };
  /** A private thread that Docket made is a ticket's; which one is only in the store, for a thread has no topic. */
  const learnThread = (guildId: string | undefined, thread: GuildThread): void => {
    const isOwn = thread.type === ChannelType.PrivateThread && thread.owner_id === o.botUserId;
    if (!isOwn || !guildId || thread.thread_metadata?.archived || channels.get(thread.id)) return;
    channels.add({ channelId: thread.id, ticketId: null, guildId }, o.now());
  };
  const made = (channelId: string, s: number, sequence: Sequence): void => {
    const channel = channels.get(channelId);
    if (channel) o.onChannelMade(channel, sequence.begin(s));
    else sequence.pass(s);
  };
  const movedIn = (
    guildId: string,
    seen: readonly { id: string; last_message_id?: string | null }[],
  ): MovedChannel[] => {
    const lastMessages = new Map(seen.map((one) => [one.id, one.last_message_id]));
    return channels.ofGuild(guildId).flatMap((channel) => {
      const lastMessageId = lastMessages.get(channel.channelId);
      return lastMessageId ? [{ ...channel, lastMessageId }] : [];
    });
  };
  /** Whose ticket a channel is; null when it is none. */
  const placeOf = (channelId: string, guildId: string | undefined) => {
    const known = channels.get(channelId);
    if (known) return { guildId: known.guildId, ticketId: known.ticketId };
    return channels.isComplete || guildId === undefined ? null : { guildId, ticketId: null };
  };
  const deleted = (id: string, channelId: string, guildId: string | undefined): MessageChange | null => {
    const place = placeOf(channelId, guildId);
    return place && { kind: 'deleted', deletion: { ...place, channelId, id, at: o.now() } };
  };

  return (payload, sequence) => {
    count(payload.t);
    const { s } = payload;
    const change = (one: MessageChange | null): void => {
      if (one) o.onMessage(one, sequence.begin(s));
      else sequence.pass(s);
    };
    const lose = (id: string, channelId: string, guildId: string | undefined): void => {
      const panelGuildId = o.panelGuildOf(id);
      if (panelGuildId === undefined) change(deleted(id, channelId, guildId));
      else o.onPanelMessageDeleted(panelGuildId, id, sequence.begin(s));
    };
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- most events, and all that Discord will add, concern nobody
    switch (payload.t) {
      case Events.InteractionCreate: {
        const done = sequence.begin(s);
        const { id } = payload.d;
        // The dispatcher answers its own errors; what still escapes must not stop the shard.
        o.onInteraction(payload.d, performance.now())
          .catch((err: unknown) => o.log.error({ err, interactionId: id }, 'interaction failed'))
          .finally(done);
        return;
      }
      case Events.MessageCreate: {
        const { d } = payload;
        const place = placeOf(d.channel_id, d.guild_id);
        if (place === null && d.guild_id !== undefined && o.isDedicated(d.channel_id) && isAsking(d))
          return o.onAsking({ ...d, guild_id: d.guild_id }, sequence.begin(s));
        const message = place && messageOf(d, { ...place, roleIds: d.member?.roles ?? [], botUserId: o.botUserId });
        return change(message && { kind: 'created', message });
      }
      case Events.MessageUpdate: {
        const { d } = payload;
        const place = placeOf(d.channel_id, d.guild_id);
        return change(place && editOf(d, place));
      }
      case Events.MessageDelete:
        return lose(payload.d.id, payload.d.channel_id, payload.d.guild_id);
      case Events.MessageDeleteBulk: {
        const { ids, channel_id, guild_id } = payload.d;
        for (const id of ids) lose(id, channel_id, guild_id);
        return;
      }
      case Events.ChannelCreate:
        if (payload.d.type === ChannelType.GuildText) learn(payload.d.guild_id, payload.d);
        return made(payload.d.id, s, sequence);
      case Events.ChannelUpdate:
        if (payload.d.type === ChannelType.GuildText) learn(payload.d.guild_id, payload.d);
        return sequence.pass(s);
      case Events.ChannelDelete: {
        if (payload.d.type === ChannelType.GuildText) learn(payload.d.guild_id, payload.d);
        const known = channels.get(payload.d.id);
        channels.remove(payload.d.id);
        const { id: channelId, guild_id: guildId } = payload.d;
        return o.onChannelDeleted(known ?? { channelId, guildId, ticketId: null }, sequence.begin(s));
      }
      case Events.ThreadCreate: {
        const { id, guild_id: guildId, parent_id: parentId } = payload.d;
        learnThread(guildId, payload.d);
        // A thread below a ticket's channel is its staff's.
        return channels.get(parentId ?? '') ? sequence.pass(s) : made(id, s, sequence);
      }
      case Events.ThreadUpdate:
        learnThread(payload.d.guild_id, payload.d);
        return sequence.pass(s);
      case Events.ThreadListSync: {
        const { guild_id: guildId, threads } = payload.d;
        for (const thread of threads) learnThread(guildId, thread);
        const moved = movedIn(guildId, threads);
        return moved.length > 0 ? o.onThreads(guildId, moved, sequence.begin(s)) : sequence.pass(s);
      }
      case Events.ThreadDelete: {
        const { id: channelId, guild_id: guildId, type } = payload.d;
        const known = channels.get(channelId);
        channels.remove(channelId);
        if (type !== ChannelType.PrivateThread) return sequence.pass(s);
        return o.onChannelDeleted(known ?? { channelId, guildId, ticketId: null }, sequence.begin(s));
      }
      case Events.GuildCreate: {
        const guild = payload.d;
        if (guild.unavailable) return sequence.pass(s);
        const texts = guild.channels.filter((channel) => channel.type === ChannelType.GuildText);
        for (const channel of texts) learn(guild.id, channel);
        for (const thread of guild.threads) learnThread(guild.id, thread);
        return o.onGuild(guild, movedIn(guild.id, [...texts, ...guild.threads]), sequence.begin(s));
      }
      case Events.GuildMemberRemove:
        return o.onMemberLeft(payload.d.guild_id, payload.d.user.id, sequence.begin(s));
      case Events.GuildUpdate:
        return o.onGuildChanged(payload.d, sequence.begin(s));
      case Events.GuildDelete:
        // `unavailable` is an outage of Discord's, not a farewell.
        if (payload.d.unavailable) return sequence.pass(s);
        channels.removeGuild(payload.d.id);
        return o.onGuildLeft(payload.d.id, sequence.begin(s));
      default:
        return sequence.pass(s);
    }
  };
}
