import { type Db, sql } from '#runtime/postgres.ts';

/** How many messages somebody of the staff wrote in a ticket. */
export type MessageCount = { ticketId: number; userId: string; count: number };

/** Messages of staff in some tickets, the most first; deleted ones were written too. */
export function countStaffMessages(db: Db, guildId: string, ticketIds: readonly number[]): Promise<MessageCount[]> {
  return db.query<MessageCount>(sql`
    select ticket_id as "ticketId", author_id as "userId", count(*) as count from message
    where guild_id = ${guildId} and ticket_id = any(${ticketIds}::bigint[]) and author_kind = 'staff'
    group by ticket_id, author_id order by ticket_id, count desc, author_id`);
}

/** The oldest message of a ticket that is kept and was not deleted; null for none. */
export async function readFirstMessageId(db: Db, guildId: string, input: { ticketId: number }): Promise<string | null> {
  const [row] = await db.query<{ id: string }>(sql`
    select id from message where guild_id = ${guildId} and ticket_id = ${input.ticketId} and deleted_at is null
    order by id limit 1`);
  return row?.id ?? null;
}
