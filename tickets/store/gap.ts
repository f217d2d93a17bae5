import { type Db, sql } from '#runtime/postgres.ts';

/** A time (ms) in which edits and deletions of a ticket's messages may have been missed. */
export type Gap = { from: number; to: number };

/**
 * Notes a gap for every ticket of a server that had a channel during it: from its opening where that came later, to its close where that came
 * earlier. Harmless when repeated; the same gap with a later end grows.
 */
export async function recordGaps(db: Db, guildId: string, input: Gap): Promise<void> {
  const [from, to] = [new Date(input.from), new Date(input.to)];
  await db.query(sql`
    insert into gap (guild_id, ticket_id, from_at, to_at, reason)
    select guild_id, id, greatest(opened_at, ${from}), least(closed_at, ${to}), 'session-lost' from ticket
    where guild_id = ${guildId} and channel_id is not null and opened_at < ${to}
      and (closed_at > ${from} or closed_at is null and state in ('reserved', 'channel', 'open'))
    on conflict (guild_id, ticket_id, from_at) do update set to_at = excluded.to_at where gap.to_at < excluded.to_at`);
}

/** A ticket's gaps, earliest first. */
export function listGaps(db: Db, guildId: string, ticketId: number): Promise<Gap[]> {
  return db.query<Gap>(sql`
    select from_at as "from", to_at as "to" from gap
    where guild_id = ${guildId} and ticket_id = ${ticketId} order by from_at`);
}
