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

const leaseEnd = (leaseMs: number) => sql`clock_timestamp() + ${leaseMs} * interval '1 ms'`;
const sessionColumns = sql`
  shard.id as "shardId", shard.session_id as "sessionId", shard.resume_url as "resumeUrl", shard.sequence`;

/**
 * The bot's row, if the bot still runs with this total; locked, so that nobody takes a shard while the total is being changed. A process
 * that was started with another total finds nothing and so gets nothing.
 */
const sameTotal = (botId: string, total: number) =>
  sql`select bot_id from bot where bot_id = ${botId} and shard_total = ${total} for share`;

/**
 * Takes the shards among `shardIds` that nobody owns, whose lease ran out, or that are ours already; returns them with the session to
 * resume. Takes none when the bot's total is not `total` any more.
 */
export function acquireShards(
  db: Db,
  input: { botId: string; total: number; owner: string; shardIds: readonly number[]; leaseMs: number },
): Promise<ShardSession[]> {
  const { botId, owner } = input;
  return db.query<ShardSession>(sql`
    with fence as (${sameTotal(botId, input.total)}),
    free as (
      select bot_id, id from shard join fence using (bot_id)
      where id = any(${input.shardIds}::integer[])
        and (owner is null or owner = ${owner} or lease_until < clock_timestamp())
      order by id for update of shard
    )
    update shard set owner = ${owner}, lease_until = ${leaseEnd(input.leaseMs)}, wanted_by = null, wanted_until = null
    from free where shard.bot_id = free.bot_id and shard.id = free.id
    returning ${sessionColumns}`);
}

/** How many shards nobody has owned for longer than `graceMs`. */
export async function countAbandoned(db: Db, input: { botId: string; graceMs: number }): Promise<number> {
  const [row] = await db.query<{ n: number }>(sql`
    select count(*)::integer as n from shard where bot_id = ${input.botId}
      and coalesce(lease_until, '-infinity') < clock_timestamp() - ${input.graceMs} * interval '1 ms'`);
  return row?.n ?? 0;
}

/** Takes at most `limit` of the shards that nobody has owned for longer than `graceMs`, the longest abandoned first. Several may ask at once. */
export function adoptShards(
  db: Db,
  input: { botId: string; total: number; owner: string; graceMs: number; leaseMs: number; limit: number },
): Promise<ShardSession[]> {
  const { botId, owner } = input;
  return db.query<ShardSession>(sql`
    with fence as (${sameTotal(botId, input.total)}),
    free as (
      select bot_id, id from shard join fence using (bot_id)
      where coalesce(lease_until, '-infinity') < clock_timestamp() - ${input.graceMs} * interval '1 ms'
      order by lease_until nulls first, id limit ${input.limit} for update of shard skip locked
    )
    update shard set owner = ${owner}, lease_until = ${leaseEnd(input.leaseMs)}, wanted_by = null, wanted_until = null
    from free where shard.bot_id = free.bot_id and shard.id = free.id
    returning ${sessionColumns}`);
}

/**
 * Asks the owners of these shards for them, for as long as a lease; whoever asked first goes first. Returns how many wishes are new, and
 * tells the listeners of them.
 */
export async function wantShards(
  db: Db,
  input: { botId: string; owner: string; shardIds: readonly number[]; leaseMs: number },
): Promise<number> {
  const { botId, owner } = input;
  const [row] = await db.query<{ asked: number }>(sql`
    with asked as (
      update shard set wanted_by = ${owner}, wanted_until = ${leaseEnd(input.leaseMs)}
      where bot_id = ${botId} and id = any(${input.shardIds}::integer[])
        and owner <> ${owner} and lease_until > clock_timestamp()
        and (wanted_by is null or wanted_until < clock_timestamp()
          or (wanted_by = ${owner} and wanted_until < clock_timestamp() + ${input.leaseMs / 2} * interval '1 ms'))
      returning id
    )
    select count(*)::integer as asked, case when count(*) > 0 then pg_notify('docket_shards', ${botId}) end from asked`);
  return row?.asked ?? 0;
}

/** Extends our leases; returns those that are still ours. One that is missing is lost: close that shard at once. */
export function renewShards(
  db: Db,
  input: { botId: string; owner: string; shardIds: readonly number[]; leaseMs: number },
): Promise<{ shardId: number; isWanted: boolean }[]> {
  return db.query(sql`
    update shard set lease_until = ${leaseEnd(input.leaseMs)}
    where bot_id = ${input.botId} and owner = ${input.owner} and id = any(${input.shardIds}::integer[])
    returning id as "shardId", coalesce(wanted_by is not null and wanted_until > clock_timestamp(), false) as "isWanted"`);
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

/** Lets go of shards, keeping their sessions for whoever comes next, and tells the listeners. Without `shardIds` of all that `owner` has. */
export async function releaseShards(
  db: Db,
  input: { botId: string; owner: string; shardIds?: readonly number[] },
): Promise<void> {
  await db.query(sql`
    with released as (
      update shard set owner = null, lease_until = clock_timestamp()
      where bot_id = ${input.botId} and owner = ${input.owner}
        and (${input.shardIds ?? null}::integer[] is null or id = any(${input.shardIds ?? null}::integer[]))
      returning id
    )
    select case when count(*) > 0 then pg_notify('docket_shards', ${input.botId}) end from released`);
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
