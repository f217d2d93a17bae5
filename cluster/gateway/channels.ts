/** Which ticket a channel or thread belongs to; null: a thread of Docket's, whose ticket only the store knows. */
export type TicketChannel = { channelId: string; ticketId: number | null; guildId: string };

/** The channels of this process's tickets, in memory: whether a message concerns Docket is asked 50 times for each that does. */
export type TicketChannels = {
  get(channelId: string): TicketChannel | undefined;
  add(channel: TicketChannel, now: number): void;
  remove(channelId: string): void;
  removeGuild(guildId: string): void;
  /** The channels of one server. */
  ofGuild(guildId: string): TicketChannel[];
  /**
   * Makes the set agree with what the store lists for some servers (`covers`). What the store does not know stays for ten minutes: a new
   * channel is known from its topic before its ticket's row.
   */
  align(listed: readonly TicketChannel[], covers: (guildId: string) => boolean, now: number): void;
  /** Forgets the channels of servers that are served elsewhere now. */
  retain(covers: (guildId: string) => boolean): void;
  /** False once the set was full: then a channel that is not in it may still be a ticket's, and only the store can tell. */
  readonly isComplete: boolean;
  readonly size: number;
};

/** As long as a reservation lasts (tickets/actions/open.ts): later no ticket will name the channel. */
export const keepUnlistedMs = 10 * 60_000;

/** An empty set of at most `max` channels (about 200 bytes each); the oldest gives way. */
export function createTicketChannels(max = 200_000): TicketChannels {
  const channels = new Map<string, TicketChannel & { addedAt: number }>();
  const guilds = new Map<string, Set<string>>();
  let isComplete = true;

  const remove = (channelId: string): void => {
    const known = channels.get(channelId);
    if (!known) return;
    channels.delete(channelId);
    const ofGuild = guilds.get(known.guildId);
    ofGuild?.delete(channelId);
    if (ofGuild?.size === 0) guilds.delete(known.guildId);
  };
  const add = (channel: TicketChannel, now: number): void => {
    const known = channels.get(channel.channelId);
    if (known?.ticketId === channel.ticketId && known.guildId === channel.guildId) return;
    remove(channel.channelId);
    if (channels.size >= max) {
      isComplete = false;
      const oldest = channels.keys().next().value;
      if (oldest !== undefined) remove(oldest);
    }
    const { channelId, ticketId, guildId } = channel;
    channels.set(channelId, { channelId, ticketId, guildId, addedAt: now });
    const ofGuild = guilds.get(guildId);
    if (ofGuild) ofGuild.add(channelId);
    else guilds.set(guildId, new Set([channelId]));
  };
  const ofGuild = (guildId: string): TicketChannel[] =>
    [...(guilds.get(guildId) ?? [])].flatMap((id) => channels.get(id) ?? []);

  return {
    get: (channelId) => channels.get(channelId),
    add,
    remove,
    removeGuild(guildId) {
      for (const { channelId } of ofGuild(guildId)) remove(channelId);
    },
    ofGuild,
    align(listed, covers, now) {
      const ids = new Set(listed.map((one) => one.channelId));
      for (const [channelId, known] of channels) {
        const isStale = !ids.has(channelId) && covers(known.guildId) && now - known.addedAt > keepUnlistedMs;
        if (isStale) remove(channelId);
      }
      for (const channel of listed) add(channel, now);
    },
    retain(covers) {
      for (const guildId of guilds.keys())
        if (!covers(guildId)) for (const { channelId } of ofGuild(guildId)) remove(channelId);
    },
    get isComplete() {
      return isComplete;
    },
    get size() {
      return channels.size;
    },
  };
}
