import { type Db, sql } from '#runtime/postgres.ts';

/** A ticket's thread. */
export type TicketThread = { ticketId: number; channelId: string; state: string };

/** The tickets among some threads, oldest first. */
export function ticketsOfThreads(db: Db, guildId: string, channelIds: readonly string[]): Promise<TicketThread[]> {
  return db.query<TicketThread>(sql`
    select id as "ticketId", channel_id as "channelId", state from ticket
    where guild_id = ${guildId} and channel_id = any(${channelIds}::bigint[]) order by id`);
}

/** The tickets whose threads hang in a channel and were not deleted by Docket. */
export function threadsInChannel(db: Db, guildId: string, parentId: string): Promise<TicketThread[]> {
  return db.query<TicketThread>(sql`
    select id as "ticketId", channel_id as "channelId", state from ticket
    where guild_id = ${guildId} and parent_id = ${parentId} and channel_id is not null
      and mode = 'thread' and (applied ->> 'channelDeletedAt') is null
    order by id`);
}

/** The newest ticket with a display number; null when there is none. */
export async function readTicketIdByNumber(
  db: Db,
  guildId: string,
  displayNo: number,
): Promise<{ ticketId: number } | null> {
  const [row] = await db.query<{ ticketId: number }>(sql`
    select id as "ticketId" from ticket
    where guild_id = ${guildId} and display_no = ${displayNo} and state in ('channel', 'open', 'closed')
    order by (mode = 'thread') desc, id desc limit 1`);
  return row ?? null;
}

/** Notes that somebody joined an open ticket's thread as staff, or may have: the reconciler looks at them at its next run. */
export async function recordJoined(
  db: Db,
  guildId: string,
  input: { ticketId: number; userId: string },
): Promise<void> {
  const { ticketId, userId } = input;
  await db.query(sql`
    update ticket set applied = applied || jsonb_build_object('staffSeenAt', null,
      'joinedIds', (coalesce(applied -> 'joinedIds', '[]') - ${userId}::text) || to_jsonb(${userId}::text))
    where guild_id = ${guildId} and id = ${ticketId} and mode = 'thread' and state = 'open'`);
}

/** Forgets some who joined a ticket's thread. */
export async function forgetJoined(
  db: Db,
  guildId: string,
  input: { ticketId: number; userIds: readonly string[] },
): Promise<void> {
  await db.query(sql`
    update ticket set applied = applied
      || jsonb_build_object('joinedIds', coalesce(applied -> 'joinedIds', '[]') - ${input.userIds}::text[])
    where guild_id = ${guildId} and id = ${input.ticketId}`);
}
