import { type Db, sql } from '#runtime/postgres.ts';

/** A channel whose messages are a ticket's entries. */
export type TicketChannel = { channelId: string; ticketId: number; guildId: string };

/**
 * The channels that may still bring messages, of all servers of some shards: known before a RESUME, which names no server. Those of tickets
 * that were closed since `closedSince` (ms) are among them although Discord has deleted them: a RESUME replays what was written there before.
 * Discord puts a server on the shard `(id >> 22) % total`.
 */
export function ticketChannelsOfShards(
  db: Db,
  input: { shardIds: readonly number[]; total: number; closedSince: number },
): Promise<TicketChannel[]> {
  const isOfShards = sql`(guild_id >> 22) % ${input.total}::bigint = any(${input.shardIds}::bigint[])`;
  const found = sql`select channel_id as "channelId", id as "ticketId", guild_id as "guildId" from ticket`;
  return db.query<TicketChannel>(sql`
    ${found} where channel_id is not null and (applied ->> 'channelDeletedAt') is null
      and (applied ->> 'archivedAt') is null and ${isOfShards}
    union
    ${found} where channel_id is not null and closed_at > ${new Date(input.closedSince)} and ${isOfShards}`);
}

/**
 * Which of these channels, of whichever servers, need not be waited for: those that a ticket names by now, and those whose ticket
 * (`ticketId`, from the topic) is at another channel, ended, or was never there.
 */
export async function settledChannels(
  db: Db,
  channels: readonly { guildId: string; channelId: string; ticketId: number | null }[],
): Promise<string[]> {
  const rows = await db.query<{ channelId: string }>(sql`
    select wanted.channel_id as "channelId"
    from unnest(
      ${channels.map((one) => one.guildId)}::bigint[], ${channels.map((one) => one.channelId)}::bigint[],
      ${channels.map((one) => one.ticketId)}::bigint[]
    ) as wanted (guild_id, channel_id, ticket_id)
    where exists (
        select from ticket where ticket.guild_id = wanted.guild_id and ticket.channel_id = wanted.channel_id)
      or wanted.ticket_id is not null and not exists (
        select from ticket where ticket.guild_id = wanted.guild_id and ticket.id = wanted.ticket_id
          and ticket.channel_id is null and ticket.state in ('reserved', 'channel'))`);
  return rows.map((row) => row.channelId);
}

/** The newest stored message of each of these tickets; tickets without one are left out. */
export function lastStoredMessages(
  db: Db,
  guildId: string,
  ticketIds: readonly number[],
): Promise<{ ticketId: number; messageId: string }[]> {
  return db.query(sql`
    select wanted.id as "ticketId", newest.id as "messageId"
    from unnest(${ticketIds}::bigint[]) as wanted (id)
    cross join lateral (
      select id from message where guild_id = ${guildId} and ticket_id = wanted.id order by id desc limit 1
    ) as newest`);
}

/** Of all servers of some shards, or of one of them. */
type Where = { shardIds: readonly number[]; total: number; guildId: string | null };
const isIn = ({ shardIds, total, guildId }: Where) => sql`
  (guild_id >> 22) % ${total}::bigint = any(${shardIds}::bigint[]) and guild_id = coalesce(${guildId}::bigint, guild_id)`;

/** The channels in which a message opens a ticket. */
export function dedicatedChannelsOfShards(db: Db, input: Where): Promise<{ channelId: string; guildId: string }[]> {
  return db.query(sql`
    select settings ->> 'dedicatedChannel' as "channelId", guild_id as "guildId" from guild
    where settings ? 'dedicatedChannel' and settings ->> 'dedicatedChannel' is not null and left_at is null
      and ${isIn(input)}`);
}

/** The messages that show panels. */
export function panelMessagesOfShards(db: Db, input: Where): Promise<{ messageId: string; guildId: string }[]> {
  return db.query(sql`
    select message_id as "messageId", guild_id as "guildId" from panel_message
    where message_id is not null and deleted_at is null and ${isIn(input)}`);
}
