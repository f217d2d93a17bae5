import { type Db, sql } from '#runtime/postgres.ts';
import type { Gap } from '../gap.ts';

/** Notes that shards were heard at `at` (ms): had anything happened until then, it would have arrived. */
export async function markHeard(
  db: Db,
  input: { botId: string; shardIds: readonly number[]; at: number },
): Promise<void> {
  await db.query(sql`
    insert into shard_heard (bot_id, shard_id, heard_at)
    select ${input.botId}, id, ${new Date(input.at)} from unnest(${input.shardIds}::integer[]) as wanted (id)
    on conflict (bot_id, shard_id) do update set heard_at = greatest(shard_heard.heard_at, excluded.heard_at)`);
}

/**
 * Notes that a shard began a new session at `at` (ms): what lies between the last time it was heard and now is a gap. A session that was lost
 * before it was heard once more makes the gap longer. Harmless when repeated with the same `at`.
 */
export async function beginSession(db: Db, input: { botId: string; shardId: number; at: number }): Promise<void> {
  await db.query(sql`
    insert into shard_heard (bot_id, shard_id, heard_at) values (${input.botId}, ${input.shardId}, ${new Date(input.at)})
    on conflict (bot_id, shard_id) do update set
      gap_from = case when shard_heard.heard_at is not distinct from shard_heard.gap_to
                      then shard_heard.gap_from else shard_heard.heard_at end,
      gap_to = excluded.heard_at, heard_at = excluded.heard_at
    where shard_heard.gap_to is distinct from excluded.heard_at`);
}

/**
 * Lets the shards of a new total follow those of the old one, when none of them runs: a server's shard is another one now, so each was last heard
 * when the first of them fell silent.
 */
export async function moveHeard(db: Db, input: { botId: string; total: number }): Promise<void> {
  await db.query(sql`
    with gone as (
      delete from shard_heard where bot_id = ${input.botId}
      returning case when heard_at = gap_to then coalesce(gap_from, heard_at) else heard_at end as until
    )
    insert into shard_heard (bot_id, shard_id, heard_at)
    select ${input.botId}, generate_series(0, ${input.total}::integer - 1), min(until) from gone having min(until) is not null`);
}

/** The gap before a shard's present session; null when there is none: its first one, or one that follows the last without a break. */
export async function readShardGap(db: Db, input: { botId: string; shardId: number }): Promise<Gap | null> {
  const [row] = await db.query<Gap>(sql`
    select gap_from as "from", gap_to as "to" from shard_heard
    where bot_id = ${input.botId} and shard_id = ${input.shardId} and gap_from < gap_to`);
  return row ?? null;
}
