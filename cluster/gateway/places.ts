import type { Db } from '#runtime/postgres.ts';
import { dedicatedChannelsOfShards, panelMessagesOfShards } from '#tickets/store/fleet/shard-channels.ts';

/** What is known of servers besides their tickets' channels, in memory: each message and each deletion asks for it. */
export type Places = {
  /** Whether a message in this channel opens a ticket. */
  isDedicated(channelId: string): boolean;
  /** The server in which this message shows panels; undefined: it shows none. */
  panelGuildOf(messageId: string): string | undefined;
  /** Reads those of all servers of some shards. */
  read(shardIds: readonly number[]): Promise<void>;
  /** Reads those of one server again: something changed there. */
  readAgain(guildId: string): Promise<void>;
};

/** Nothing is known before it is read. */
export function createPlaces(o: { db: Db; shardCount: number; shardOf: (guildId: string) => number }): Places {
  // By id, their servers.
  const dedicated = new Map<string, string>();
  const shown = new Map<string, string>();

  const take = async (shardIds: readonly number[], guildId: string | null): Promise<void> => {
    const of = { shardIds, total: o.shardCount, guildId };
    const [channels, messages] = await Promise.all([
      dedicatedChannelsOfShards(o.db, of),
      panelMessagesOfShards(o.db, of),
    ]);
    const isRead = (id: string): boolean => (guildId === null ? shardIds.includes(o.shardOf(id)) : id === guildId);
    for (const known of [dedicated, shown]) for (const [id, server] of known) if (isRead(server)) known.delete(id);
    for (const one of channels) dedicated.set(one.channelId, one.guildId);
    for (const one of messages) shown.set(one.messageId, one.guildId);
  };
  // One after the other, so that what was read last is what was true last.
  let last = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => undefined); // told to whoever asked
    return done;
  };

  return {
    isDedicated: (channelId) => dedicated.has(channelId),
    panelGuildOf: (messageId) => shown.get(messageId),
    read: (shardIds) => inTurn(() => take(shardIds, null)),
    readAgain: (guildId) => inTurn(() => take([o.shardOf(guildId)], guildId)),
  };
}
