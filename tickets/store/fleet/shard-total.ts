import { type Db, type Pool, sql } from '#runtime/postgres.ts';
import { moveHeard } from './shard-gap.ts';

/** A row for each shard of a bot: what has none could not be seen to be without an owner. */
async function fillShards(db: Db, botId: string): Promise<void> {
  await db.query(sql`
    insert into shard (bot_id, id, lease_until)
    select bot_id, generate_series(0, shard_total - 1), clock_timestamp() from bot where bot_id = ${botId}
    on conflict do nothing`);
}

/** The stored total number of shards; null before the first start. */
export async function readShardTotal(db: Db, botId: string): Promise<number | null> {
  const [row] = await db.query<{ total: number }>(sql`select shard_total as total from bot where bot_id = ${botId}`);
  return row?.total ?? null;
}

/** Stores the total number of shards at the first start and returns the stored one; a caller with another must refuse to start. */
export async function registerBot(db: Db, input: { botId: string; total: number }): Promise<{ total: number }> {
  const [row] = await db.query<{ total: number }>(sql`
    insert into bot (bot_id, shard_total) values (${input.botId}, ${input.total})
    on conflict (bot_id) do update set shard_total = bot.shard_total
    returning shard_total as total`);
  if (!row) throw new Error('the upsert of a bot returned nothing');
  await fillShards(db, input.botId);
  return row;
}

/** What came of a change of the total: `from` is the total before, `held` names who still owns which shards; then nothing was changed. */
export type Resharding = { from: number | null; held: { shardId: number; owner: string }[] };

/**
 * Changes the total number of shards while nobody owns one. Sessions belong to the old number, so all rows begin anew. Whoever takes a
 * shard locks the bot's row as well (`sameTotal`), so either they come first and are named, or they find another total and get nothing.
 */
export function reshard(pool: Pool, input: { botId: string; total: number }): Promise<Resharding> {
  const { botId, total } = input;
  return pool.transaction(async (db) => {
    const [bot] = await db.query<{ from: number }>(
      sql`select shard_total as from from bot where bot_id = ${botId} for update`,
    );
    // A holder that was late to renew does so now or finds its row gone.
    await db.query(sql`select id from shard where bot_id = ${botId} order by id for update`);
    const held = await db.query<{ shardId: number; owner: string }>(sql`
      select id as "shardId", owner from shard
      where bot_id = ${botId} and owner is not null and lease_until > clock_timestamp() order by id`);
    const from = bot?.from ?? null;
    if (held.length > 0 || from === total) return { from, held };
    if (bot) {
      await db.query(sql`delete from shard where bot_id = ${botId}`);
      await db.query(sql`update bot set shard_total = ${total} where bot_id = ${botId}`);
      await moveHeard(db, input);
    }
    await registerBot(db, input);
    return { from, held };
  });
}
