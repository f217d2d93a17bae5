import type { Log } from '#runtime/log.ts';
import type { Db } from '#runtime/postgres.ts';
import { beginSession, markHeard, readShardGap } from '#tickets/store/fleet/shard-gap.ts';
import { type Gap, recordGaps } from '#tickets/store/gap.ts';

/**
 * What a lost session leaves behind: messages are read again (gap.ts), edits and deletions are not recovered, so each ticket notes the time in
 * which they may have been missed.
 */
export type SessionGaps = {
  /** A shard is opened here: what is remembered of it may be older than what another process has noted since. */
  opened(shardId: number): void;
  /** A new session began (READY) at this moment. */
  began(shardId: number): void;
  /** These shards are connected, so everything until now has arrived. Call it about once a minute: a gap begins that much early at most. */
  heard(shardIds: readonly number[]): Promise<void>;
  /** Notes the gap before a shard's session for a server's tickets. Idempotent; also for a session that an earlier process began. */
  record(shardId: number, guildId: string): Promise<void>;
};

/** Keeps the gaps of a bot's shards. */
export function createSessionGaps(o: { db: Db; botId: string; now: () => number; log: Log }): SessionGaps {
  const { db, botId } = o;
  const beginnings = new Map<number, number>();
  const gaps = new Map<number, Promise<Gap | null>>();

  const read = async (shardId: number): Promise<Gap | null> => {
    const at = beginnings.get(shardId);
    if (at !== undefined) await beginSession(db, { botId, shardId, at });
    const gap = await readShardGap(db, { botId, shardId });
    if (gap && at !== undefined) o.log.warn({ shardId, from: gap.from, to: gap.to }, 'edits may have been missed');
    return gap;
  };
  /** One reading for all servers of a shard; one that failed is tried again by the next who asks. */
  const gapOf = (shardId: number): Promise<Gap | null> => {
    const known = gaps.get(shardId);
    if (known) return known;
    const reading = read(shardId);
    gaps.set(shardId, reading);
    reading.catch(() => gaps.delete(shardId));
    return reading;
  };

  return {
    opened(shardId) {
      beginnings.delete(shardId);
      gaps.delete(shardId);
    },
    began(shardId) {
      beginnings.set(shardId, o.now());
      gaps.delete(shardId);
      // A server's events ask again; this is for a shard whose servers are slow to come.
      gapOf(shardId).catch((err: unknown) =>
        o.log.warn({ err, shardId }, 'beginning of a session could not be noted yet'),
      );
    },
    async heard(shardIds) {
      // A beginning that is not noted yet must come first, else its gap would be lost.
      await Promise.all(shardIds.filter((id) => beginnings.has(id)).map(gapOf));
      if (shardIds.length > 0) await markHeard(db, { botId, shardIds, at: o.now() });
    },
    async record(shardId, guildId) {
      const gap = await gapOf(shardId);
      if (gap) await recordGaps(db, guildId, gap);
    },
  };
}
