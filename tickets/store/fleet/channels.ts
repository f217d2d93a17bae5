import { type Db, sql } from '#runtime/postgres.ts';

/** A channel whose messages are a ticket's entries. */
export type TicketChannel = { channelId: string; ticketId: number; guildId: string };

/** The channels of these servers that may still bring messages: of tickets at work, and of closed ones until they are deleted. */
export function ticketChannels(db: Db, guildIds: readonly string[]): Promise<TicketChannel[]> {
  return db.query<TicketChannel>(sql`
    select channel_id as "channelId", id as "ticketId", guild_id as "guildId" from ticket
    where guild_id = any(${guildIds}::bigint[])
      and channel_id is not null and (applied ->> 'channelDeletedAt') is null`);
}
