import { type Db, sql } from '#runtime/postgres.ts';

/** Somebody's open tickets that may close by themselves. */
export async function listClosable(db: Db, guildId: string, input: { openerId: string }): Promise<number[]> {
  const rows = await db.query<{ id: number }>(sql`
    select id from ticket
    where guild_id = ${guildId} and opener_id = ${input.openerId} and state = 'open' and not is_excluded order by id`);
  return rows.map(({ id }) => id);
}

/** Notes that somebody was a member at a moment (ms): they are not asked for again before a day has passed. */
export async function markOpenerSeen(db: Db, guildId: string, input: { openerId: string; at: number }): Promise<void> {
  await db.query(sql`
    update ticket set opener_seen_at = ${new Date(input.at)}
    where guild_id = ${guildId} and opener_id = ${input.openerId} and state = 'open'`);
}

/** Lets a ticket's opener be asked for soon, unless they were seen since `before` (ms). */
export async function wantOpenerSeen(
  db: Db,
  guildId: string,
  input: { ticketId: number; before: number },
): Promise<void> {
  await db.query(sql`
    update ticket set opener_seen_at = to_timestamp(0)
    where guild_id = ${guildId} and id = ${input.ticketId} and state = 'open'
      and coalesce(opener_seen_at, opened_at) < ${new Date(input.before)}`);
}
