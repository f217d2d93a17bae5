// Where a new ticket finds room in Discord: the categories that Docket made, and the queue of those that wait for room.
import { type Db, type Sql, sql } from '#runtime/postgres.ts';

/** A category that Docket made because `baseId` was full; null while it is being made. */
export type MadeCategory = { no: number; categoryId: string | null };

/** Those of one category, in their order. */
export function listMadeCategories(db: Db, guildId: string, input: { baseId: string }): Promise<MadeCategory[]> {
  return db.query<MadeCategory>(sql`
    select no, category_id as "categoryId" from made_category
    where guild_id = ${guildId} and base_id = ${input.baseId} order by no`);
}

/**
 * Says that a category is being made now, so that of many who need one only one makes it. Answers since when (ms) somebody else does, if they
 * began after `staleBefore`, and whether somebody began before (then it is looked for first).
 */
export async function claimCategory(
  db: Db,
  guildId: string,
  input: { baseId: string; no: number; now: number; staleBefore: number },
): Promise<{ isMine: boolean; isRetry: boolean }> {
  const [row] = await db.query<{ isRetry: boolean }>(sql`
    insert into made_category (guild_id, base_id, no, creating_since)
    values (${guildId}, ${input.baseId}, ${input.no}, ${new Date(input.now)})
    on conflict (guild_id, base_id, no) do update set creating_since = excluded.creating_since
    where made_category.category_id is null and made_category.creating_since < ${new Date(input.staleBefore)}
    returning xmax <> 0 as "isRetry"`);
  return { isMine: row !== undefined, isRetry: row?.isRetry ?? false };
}

/** Keeps the category that was made; null forgets it: it could not be made, or is gone. */
export async function recordCategory(
  db: Db,
  guildId: string,
  input: { baseId: string; no: number; categoryId: string | null },
): Promise<void> {
  await db.query(
    input.categoryId === null
      ? sql`delete from made_category where guild_id = ${guildId} and base_id = ${input.baseId} and no = ${input.no}`
      : sql`update made_category set category_id = ${input.categoryId}
            where guild_id = ${guildId} and base_id = ${input.baseId} and no = ${input.no}`,
  );
}

// Tickets wait for those that want the same category; threads wait for threads.
const lane = (serverCategoryId: string | null): Sql => sql`
  case ticket.mode when 'thread' then -1
       else coalesce(panel.category_id, ${serverCategoryId}::bigint, 0) end`;
const withPanel = sql`
  ticket left join panel on panel.guild_id = ticket.guild_id and panel.id = ticket.panel_id`;

/** How many tickets wait in front of this one. One that does not wait yet stands behind all. */
export async function countAhead(
  db: Db,
  guildId: string,
  input: { ticketId: number; serverCategoryId: string | null },
): Promise<number> {
  const [row] = await db.query<{ n: number }>(sql`
    with mine as (
      select ticket.id, ticket.queued_at, ${lane(input.serverCategoryId)} as lane
      from ${withPanel} where ticket.guild_id = ${guildId} and ticket.id = ${input.ticketId}
    )
    select count(*) as n from ${withPanel}, mine
    where ticket.guild_id = ${guildId} and ticket.queued_at is not null and ticket.id <> mine.id
      and ${lane(input.serverCategoryId)} = mine.lane
      and (mine.queued_at is null or (ticket.queued_at, ticket.id) < (mine.queued_at, mine.id))`);
  return row?.n ?? 0;
}

/** The next open tickets of a server above `after` (an id); each has a channel or a thread. */
export async function listOpenChannels(
  db: Db,
  guildId: string,
  input: { after: number; limit: number },
): Promise<number[]> {
  const rows = await db.query<{ id: number }>(sql`
    select id from ticket where guild_id = ${guildId} and state = 'open' and id > ${input.after}
    order by id limit ${input.limit}`);
  return rows.map((row) => row.id);
}

/** The tickets that wait, first come first: those whose answer may still be edited, and whoever is first. */
export async function listWaiting(db: Db, guildId: string, input: { limit: number }): Promise<number[]> {
  const rows = await db.query<{ id: number }>(sql`
    select id from ticket where guild_id = ${guildId} and queued_at is not null
    order by queued_at, id limit ${input.limit}`);
  return rows.map((row) => row.id);
}
