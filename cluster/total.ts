import { ConfigError } from '#runtime/config.ts';
import type { Db } from '#runtime/postgres.ts';
import { readShardTotal, registerBot } from '#tickets/store/fleet/shard-total.ts';

/**
 * The number of shards a bot runs with. It is stored at the first start, because a session belongs to a number of shards and a server to a
 * shard: pods with different numbers would serve servers twice or not at all. Without a wish the stored number stays, else Discord's
 * recommendation is taken. Throws ConfigError when `wanted` is another number than the stored one.
 */
export async function settleTotal(
  db: Db,
  o: { botId: string; wanted: number | undefined; recommended: () => Promise<number> },
): Promise<number> {
  const known = await readShardTotal(db, o.botId);
  const proposal = o.wanted ?? known ?? (await o.recommended());
  const { total } = await registerBot(db, { botId: o.botId, total: proposal });
  if (o.wanted !== undefined && o.wanted !== total) {
    throw new ConfigError([
      `TOTAL_SHARDS is ${o.wanted}, but this bot runs with ${total} shards. Set it to ${total} or leave it out; to change it, ` +
        `stop every pod, then run: TOTAL_SHARDS=${o.wanted} npm run -s docket -- cluster --reshard`,
    ]);
  }
  return total;
}

/** The shards of one pod of several: consecutive, as even as possible. `ordinal` is the number at the end of a StatefulSet pod's name. */
export function shardsOfPod(o: { total: number; podCount: number; ordinal: number }): number[] {
  const from = Math.floor((o.total * o.ordinal) / o.podCount);
  const to = Math.floor((o.total * (o.ordinal + 1)) / o.podCount);
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The number of a StatefulSet's pod: `docket-cluster-3` → 3; 0 for every other name. */
export function ordinalOf(podName: string): number {
  return Number(/-(\d+)$/.exec(podName)?.[1] ?? 0);
}

/** Shards cut into clusters of at most `size`. */
export function clustersOf(shardIds: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(shardIds.length / size) }, (_, i) => shardIds.slice(i * size, (i + 1) * size));
}
