import { type Db, sql } from '#runtime/postgres.ts';

/** Counts that placeholders show: of the server, and of one opener. */
export type PlaceholderCounts = {
  open: number;
  ever: number;
  userOpen: number;
  userEver: number;
};

/** Reads them. A ticket that has its channel counts as open: it is the one that the text stands in. */
export async function readPlaceholderCounts(
  db: Db,
  guildId: string,
  input: { openerId: string },
): Promise<PlaceholderCounts> {
  const [row] = await db.query<PlaceholderCounts>(sql`
    with live as (
      select opener_id from ticket
      where guild_id = ${guildId} and state in ('channel', 'open') and state in ('reserved', 'channel', 'open')
    )
    select (select count(*) from live) as open,
           (select count(*) from live where opener_id = ${input.openerId}) as "userOpen",
           coalesce((select lifetime_no from guild_counter where guild_id = ${guildId}), 0)
             + (select count(*) from ticket where guild_id = ${guildId} and state = 'channel') as ever,
           (select count(*) from ticket where guild_id = ${guildId} and opener_id = ${input.openerId}
              and state in ('channel', 'open', 'closed')) as "userEver"`);
  return row ?? { open: 0, ever: 0, userOpen: 0, userEver: 0 };
}

/** How many ratings a server has, and their average; null without any. */
export async function readRatings(db: Db, guildId: string): Promise<{ count: number; average: number | null }> {
  const [row] = await db.query<{ count: number; average: number | null }>(sql`
    select count(rating) as count, avg(rating)::float8 as average from ticket
    where guild_id = ${guildId} and rating is not null`);
  return row ?? { count: 0, average: null };
}
