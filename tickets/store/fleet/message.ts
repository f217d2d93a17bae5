import { type Db, sql } from '#runtime/postgres.ts';
import type { AuthorKind } from '../../facts.ts';
import type { Staff } from '../../permission.ts';
import { effective } from '../../settings/derive.ts';
import type { Overrides, Settings } from '../../settings/registry.ts';
import type { Ticket } from '../../ticket.ts';
import { ticketColumns } from '../ticket.ts';
import type { TicketKey } from './history.ts';

// Set-based statements of one batch of messages, whichever servers they come from (design.md 3).

const arrays = (keys: readonly TicketKey[]) => sql`
  unnest(${keys.map((key) => key.guildId)}::bigint[], ${keys.map((key) => key.ticketId)}::bigint[])
    as wanted (guild_id, ticket_id)`;

/** The tickets of channels, for messages whose ticket the gateway did not know. */
export function ticketsOfChannels(
  db: Db,
  channels: readonly { guildId: string; channelId: string }[],
): Promise<{ guildId: string; channelId: string; ticketId: number }[]> {
  return db.query(sql`
    select guild_id as "guildId", channel_id as "channelId", id as "ticketId"
    from ticket join unnest(
      ${channels.map((one) => one.guildId)}::bigint[], ${channels.map((one) => one.channelId)}::bigint[]
    ) as wanted (guild_id, channel_id) using (guild_id, channel_id)`);
}

/** A ticket held for a batch: without its members, which a later statement reads. */
export type LockedTicket = Omit<Ticket, 'memberIds'>;

/** Holds tickets in the order of their ids, so that two batches never wait for each other. */
export function lockTickets(db: Db, keys: readonly TicketKey[]): Promise<LockedTicket[]> {
  return db.query<LockedTicket>(sql`
    select ${ticketColumns} from ticket
    where (guild_id, id) in (select guild_id, ticket_id from ${arrays(keys)}) and state <> 'abandoned'
    order by id for update`);
}

/** What the authors' kinds and the sealing depend on, read after the locks. */
export type Surroundings = {
  members: Map<number, string[]>;
  wrappedKeys: Map<number, Buffer>;
  staff: Map<string, Staff[]>;
  owners: Map<string, string>;
  /** In force, for timers. */
  settings: Map<string, Settings>;
};

/** Reads members and keys of tickets, staff and owners of their servers. */
export async function readSurroundings(db: Db, keys: readonly TicketKey[]): Promise<Surroundings> {
  const guildIds = [...new Set(keys.map((key) => key.guildId))];
  const ofTickets = await db.query<{ ticketId: number; wrapped: Buffer | null; members: string[] }>(sql`
    select wanted.ticket_id as "ticketId", wrapped,
           array(select user_id from ticket_member as member
                 where member.guild_id = wanted.guild_id and member.ticket_id = wanted.ticket_id) as members
    from ${arrays(keys)} left join ticket_key using (guild_id, ticket_id)`);
  const ofGuilds = await db.query<{ guildId: string; ownerId: string; overrides: Overrides }>(sql`
    select guild_id as "guildId", owner_id as "ownerId", settings as overrides from guild
    where guild_id = any(${guildIds}::bigint[])`);
  const staff = await db.query<Staff & { guildId: string }>(sql`
    select guild_id as "guildId", team_id as "teamId", subject_id as "subjectId", subject_kind as "subjectKind", level
    from staff where guild_id = any(${guildIds}::bigint[])`);
  const wrappedKeys = new Map<number, Buffer>();
  for (const { ticketId, wrapped } of ofTickets) if (wrapped) wrappedKeys.set(ticketId, wrapped);
  return {
    members: new Map(ofTickets.map((row) => [row.ticketId, row.members])),
    wrappedKeys,
    owners: new Map(ofGuilds.map((row) => [row.guildId, row.ownerId])),
    staff: Map.groupBy(staff, (row) => row.guildId),
    settings: new Map(ofGuilds.map((row) => [row.guildId, effective(row.overrides)])),
  };
}

/** Those of the servers that keep the words of their tickets. */
export async function keepingGuilds(db: Db, guildIds: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ guildId: string; overrides: Overrides }>(sql`
    select guild_id as "guildId", settings as overrides from guild where guild_id = any(${[...new Set(guildIds)]}::bigint[])`);
  return new Set(rows.flatMap((row) => (effective(row.overrides).storeTranscripts ? [row.guildId] : [])));
}

/** Somebody for whom Docket sent a message. */
export type Outgoing = {
  guildId: string;
  nonce: string;
  ticketId: number;
  actorId: string;
  actorKind: AuthorKind;
  actorTeamIds: number[];
};

/** For whom Docket sent the messages with these nonces. */
export function readOutgoing(db: Db, messages: readonly { guildId: string; nonce: string }[]): Promise<Outgoing[]> {
  return db.query<Outgoing>(sql`
    select guild_id as "guildId", nonce, ticket_id as "ticketId", actor_id as "actorId", actor_kind as "actorKind",
           actor_team_ids as "actorTeamIds"
    from outgoing join unnest(
      ${messages.map((one) => one.guildId)}::bigint[], ${messages.map((one) => one.nonce)}::text[]
    ) as wanted (guild_id, nonce) using (guild_id, nonce)`);
}

/** A message ready to be stored. */
export type SealedMessage = {
  guildId: string;
  ticketId: number;
  id: string;
  at: number;
  authorId: string;
  authorKind: AuthorKind;
  authorTeamIds: readonly number[];
  sealed: Buffer;
};

/** Stores messages; returns the ids of those that were not there yet. */
export async function insertMessages(db: Db, messages: readonly SealedMessage[]): Promise<Set<string>> {
  const rows = await db.query<{ id: string }>(sql`
    insert into message (guild_id, ticket_id, id, at, author_id, author_kind, author_team_ids, sealed)
    select guild_id, ticket_id, id, at, author_id, author_kind, team_ids::bigint[], sealed from unnest(
      ${messages.map((one) => one.guildId)}::bigint[], ${messages.map((one) => one.ticketId)}::bigint[],
      ${messages.map((one) => one.id)}::bigint[], ${messages.map((one) => new Date(one.at))}::timestamptz[],
      ${messages.map((one) => one.authorId)}::bigint[], ${messages.map((one) => one.authorKind)}::text[],
      ${messages.map((one) => `{${one.authorTeamIds.join(',')}}`)}::text[], ${messages.map((one) => one.sealed)}::bytea[]
    ) as new (guild_id, ticket_id, id, at, author_id, author_kind, team_ids, sealed)
    on conflict do nothing
    returning id`);
  return new Set(rows.map((row) => row.id));
}

/** A stored message's ticket and wrapped key. */
export type MessagePlace = TicketKey & { id: string; wrapped: Buffer | null };

/** Where stored messages are; those never stored are missing. */
export function findMessages(db: Db, messages: readonly (TicketKey & { id: string })[]): Promise<MessagePlace[]> {
  return db.query<MessagePlace>(sql`
    select message.guild_id as "guildId", message.ticket_id as "ticketId", message.id, wrapped
    from message join unnest(
      ${messages.map((one) => one.guildId)}::bigint[], ${messages.map((one) => one.ticketId)}::bigint[],
      ${messages.map((one) => one.id)}::bigint[]
    ) as wanted (guild_id, ticket_id, id) using (guild_id, ticket_id, id)
    left join ticket_key using (guild_id, ticket_id)`);
}

/** Replaces the text of edited messages, unless a later edit came first. */
export async function editSealed(
  db: Db,
  edits: readonly (TicketKey & { id: string; sealed: Buffer; at: number })[],
): Promise<void> {
  await db.query(sql`
    update message set sealed = new.sealed, edited_at = new.at
    from unnest(
      ${edits.map((one) => one.guildId)}::bigint[], ${edits.map((one) => one.ticketId)}::bigint[],
      ${edits.map((one) => one.id)}::bigint[], ${edits.map((one) => one.sealed)}::bytea[],
      ${edits.map((one) => new Date(one.at))}::timestamptz[]
    ) as new (guild_id, ticket_id, id, sealed, at)
    where message.guild_id = new.guild_id and message.ticket_id = new.ticket_id and message.id = new.id
      and (message.edited_at is null or message.edited_at < new.at)`);
}

/** Marks messages as deleted. */
export async function markDeleted(
  db: Db,
  deletions: readonly (TicketKey & { id: string; at: number })[],
): Promise<void> {
  await db.query(sql`
    update message set deleted_at = new.at
    from unnest(
      ${deletions.map((one) => one.guildId)}::bigint[], ${deletions.map((one) => one.ticketId)}::bigint[],
      ${deletions.map((one) => one.id)}::bigint[], ${deletions.map((one) => new Date(one.at))}::timestamptz[]
    ) as new (guild_id, ticket_id, id, at)
    where message.guild_id = new.guild_id and message.ticket_id = new.ticket_id and message.id = new.id
      and message.deleted_at is null`);
}
