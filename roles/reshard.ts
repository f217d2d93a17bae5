import { ConfigError } from '#runtime/config.ts';
import type { Pool } from '#runtime/postgres.ts';
import { reshard } from '#tickets/store/fleet/shard-total.ts';

/** `docket-0/1|host:…|…` → `docket-0/1`, with its shards: `docket-0/1 holds 4, 5`. */
function holders(held: readonly { shardId: number; owner: string }[]): string {
  const byOwner = Map.groupBy(held, ({ owner }) => owner.split('|')[0] ?? owner);
  return [...byOwner]
    .map(([name, shards]) => `${name} holds ${shards.map((one) => one.shardId).join(', ')}`)
    .join('; ');
}

/**
 * Gives a bot another total number of shards, and every shard a new beginning: sessions belong to the total they began with. Throws
 * ConfigError, and changes nothing, while anybody holds a shard.
 */
export async function changeTotal(
  pool: Pool,
  o: { botId: string; total: number },
): Promise<{ from: number | null; total: number }> {
  const { from, held } = await reshard(pool, o);
  if (held.length > 0 && from !== o.total) {
    throw new ConfigError([
      `The number of shards can change only while no pod runs, but ${holders(held)}. Stop every pod of the role cluster ` +
        '(a killed one’s leases run out by themselves, SHARD_LEASE_S), then try again.',
    ]);
  }
  return { from, total: o.total };
}
