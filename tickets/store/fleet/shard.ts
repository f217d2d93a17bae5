import { type Db, sql } from '#runtime/postgres.ts';

/** Where a shard's session can be resumed; null until READY, or after the session ended. */
export type ShardSession = {
  shardId: number;
  sessionId: string | null;
  resumeUrl: string | null;
  /** The number below which every dispatch is finished. */
  sequence: number | null;
};

// Leases are compared with the database's clock only: a pod whose clock is wrong cannot own a shard too long.

/** Stores the total number of shards at the first start and returns the stored one; a caller with another must refuse to start. */
export async function registerBot(db: Db, input: { botId: string; total: number }): Promise<{ total: number }> {
  const [row] = await db.query<{ total: number }>(sql`
    insert into bot (bot_id, shard_total) values (${input.botId}, ${input.total})
    on conflict (bot_id) do update set shard_total = bot.shard_total
    returning shard_total as total`);
  if (!row) throw new Error('the upsert of a bot returned nothing');
  return row;
}

/**
 * Takes the shards among `shardIds` that nobody owns, whose lease ran out, or that are ours already; returns them with the
 * session to resume.
 */
export function acquireShards(
  db: Db,
  input: { botId: string; owner: string; shardIds: readonly number[]; leaseMs: number },
): Promise<ShardSession[]> {
  return db.query<ShardSession>(sql`
    insert into shard as s (bot_id, id, owner, lease_until)
    select ${input.botId}, id, ${input.owner}, clock_timestamp() + ${input.leaseMs} * interval '1 ms'
    from unnest(${input.shardIds}::integer[]) as wanted (id) order by id
    on conflict (bot_id, id) do update set owner = excluded.owner, lease_until = excluded.lease_until
      where s.owner is null or s.owner = excluded.owner or s.lease_until < clock_timestamp()
    returning s.id as "shardId", s.session_id as "sessionId", s.resume_url as "resumeUrl", s.sequence`);
}

/** Extends our leases; returns the ids that are still ours. One that is missing is lost: close that shard at once. */
export async function renewShards(
  db: Db,
  input: { botId: string; owner: string; shardIds: readonly number[]; leaseMs: number },
): Promise<number[]> {
  const rows = await db.query<{ id: number }>(sql`
    update shard set lease_until = clock_timestamp() + ${input.leaseMs} * interval '1 ms'
    where bot_id = ${input.botId} and owner = ${input.owner} and id = any(${input.shardIds}::integer[])
    returning id`);
  return rows.map((row) => row.id);
}

/** Writes sessions and low-water marks; returns the ids that were ours to write. */
export async function saveSessions(
  db: Db,
  input: { botId: string; owner: string; sessions: readonly ShardSession[] },
): Promise<number[]> {
  const { sessions } = input;
  const rows = await db.query<{ id: number }>(sql`
    update shard set session_id = new.session_id, resume_url = new.resume_url, sequence = new.sequence
    from unnest(
      ${sessions.map((one) => one.shardId)}::integer[], ${sessions.map((one) => one.sessionId)}::text[],
      ${sessions.map((one) => one.resumeUrl)}::text[], ${sessions.map((one) => one.sequence)}::bigint[]
    ) as new (id, session_id, resume_url, sequence)
    where shard.bot_id = ${input.botId} and shard.owner = ${input.owner} and shard.id = new.id
    returning shard.id`);
  return rows.map((row) => row.id);
}

/** Lets go of shards, keeping their sessions for whoever comes next. */
export async function releaseShards(
  db: Db,
  input: { botId: string; owner: string; shardIds: readonly number[] },
): Promise<void> {
  await db.query(sql`
    update shard set owner = null, lease_until = null
    where bot_id = ${input.botId} and owner = ${input.owner} and id = any(${input.shardIds}::integer[])`);
}

/** Every shard of a bot and who owns it now; null when nobody does. */
export function listShards(db: Db, botId: string): Promise<{ shardId: number; owner: string | null }[]> {
  return db.query(sql`
    select id as "shardId", case when lease_until > clock_timestamp() then owner end as owner
    from shard where bot_id = ${botId} order by id`);
}

/**
 * Reserves the bucket's next IDENTIFY slot and returns the milliseconds until it. One statement on one row: two pods never get
 * the same slot (0 violations of Discord's max_concurrency instead of 27).
 */
export async function reserveIdentify(
  db: Db,
  input: { botId: string; bucket: number; windowMs: number },
): Promise<number> {
  const [row] = await db.query<{ waitMs: number }>(sql`
    insert into identify_slot as s (bot_id, bucket, next_at)
    values (${input.botId}, ${input.bucket}, clock_timestamp() + ${input.windowMs} * interval '1 ms')
    on conflict (bot_id, bucket) do update
      set next_at = greatest(s.next_at, clock_timestamp()) + ${input.windowMs} * interval '1 ms'
    returning (extract(epoch from next_at - clock_timestamp()) * 1000)::float8 - ${input.windowMs}::float8 as "waitMs"`);
  return Math.max(0, row?.waitMs ?? 0);
}

/** The stored total number of shards; null before the first start. */
export async function readShardTotal(db: Db, botId: string): Promise<number | null> {
  const [row] = await db.query<{ total: number }>(sql`select shard_total as total from bot where bot_id = ${botId}`);
  return row?.total ?? null;
}
