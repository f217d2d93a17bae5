import { type Db, sql } from '#runtime/postgres.ts';
import type { TicketIdentity } from '../../events.ts';
import type { Entry, Facts, MessageEntry } from '../../facts.ts';
import { tellAll } from '../../rows.ts';
import type { Ticket } from '../../ticket.ts';
import { entryOf, type HistoryRow } from '../history.ts';
import { appendOutbox } from './outbox.ts';
import { clocksOf } from './schedule.ts';

/** Names a ticket of any server. */
export type TicketKey = { guildId: string; ticketId: number };

const wanted = (keys: readonly TicketKey[]) => sql`
  unnest(${keys.map((key) => key.guildId)}::bigint[], ${keys.map((key) => key.ticketId)}::bigint[])
    as wanted (guild_id, ticket_id)`;

/** The messages of many tickets, by ticket id. */
export async function messagesOf(db: Db, keys: readonly TicketKey[]): Promise<Map<number, MessageEntry[]>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<Omit<MessageEntry, 'kind'> & { ticketId: number }>(sql`
    select ticket_id as "ticketId", id, at, author_id as "actorId", author_kind as "actorKind",
           author_team_ids as "actorTeamIds"
    from message join ${wanted(keys)} using (guild_id, ticket_id)`);
  const messages = new Map<number, MessageEntry[]>(keys.map((key) => [key.ticketId, []]));
  for (const { ticketId, ...row } of rows) messages.get(ticketId)?.push({ kind: 'message', ...row });
  return messages;
}

/** All entries of many tickets, by ticket id; in no particular order within a ticket (the fold sorts). */
export async function entriesOf(db: Db, keys: readonly TicketKey[]): Promise<Map<number, Entry[]>> {
  const entries: Map<number, Entry[]> = await messagesOf(db, keys);
  if (keys.length === 0) return entries;
  const changes = await db.query<HistoryRow & { ticketId: number }>(sql`
    select ticket_id as "ticketId", version, name, at, actor_id as "actorId", actor_kind as "actorKind",
           actor_team_ids as "actorTeamIds", data
    from history join ${wanted(keys)} using (guild_id, ticket_id)`);
  for (const { ticketId, ...row } of changes) entries.get(ticketId)?.push(entryOf(row));
  return entries;
}

/** A ticket that has been told, as far as its rows are concerned. */
export type ToldTicket = TicketIdentity & { version: number; facts: Facts; scheduleId: number | null };

const identityColumns = sql`
  id, guild_id as "guildId", version, opened_at as "openedAt", opener_id as "openerId", opened_by as "openedBy",
  opened_panel_id as "openedPanelId", source, priority, label_ids as "labelIds", schedule_id as "scheduleId", facts`;

/** The next tickets above `after` (an id) that have ever been open: reservations say nothing yet. Of one server, or of all. */
export function listToldTickets(
  db: Db,
  input: { after: number; limit: number; guildId?: string },
): Promise<ToldTicket[]> {
  const scope = input.guildId === undefined ? sql`true` : sql`guild_id = ${input.guildId}`;
  return db.query<ToldTicket>(sql`
    select ${identityColumns} from ticket
    where id > ${input.after} and lifetime_no is not null and ${scope}
    order by id limit ${input.limit}`);
}

/** Writes facts that were folded anew, under a new version each; the caller holds the rows. */
export async function writeFacts(
  db: Db,
  tickets: readonly { guildId: string; id: number; version: number; facts: Facts }[],
): Promise<void> {
  if (tickets.length === 0) return;
  await db.query(sql`
    update ticket set version = new.version, facts = new.facts
    from unnest(
      ${tickets.map((one) => one.guildId)}::bigint[], ${tickets.map((one) => one.id)}::bigint[],
      ${tickets.map((one) => one.version)}::integer[], ${tickets.map((one) => JSON.stringify(one.facts))}::jsonb[]
    ) as new (guild_id, id, version, facts)
    where ticket.guild_id = new.guild_id and ticket.id = new.id`);
}

/** The same after messages, which move timers and take stale marks away. */
export async function writeHeard(
  db: Db,
  tickets: readonly Pick<Ticket, 'guildId' | 'id' | 'version' | 'facts' | 'nextActionAt' | 'staleAt'>[],
): Promise<void> {
  if (tickets.length === 0) return;
  const moment = (at: number | null): Date | null => (at === null ? null : new Date(at));
  await db.query(sql`
    update ticket set version = new.version, facts = new.facts, next_action_at = new.next_action_at, stale_at = new.stale_at
    from unnest(
      ${tickets.map((one) => one.guildId)}::bigint[], ${tickets.map((one) => one.id)}::bigint[],
      ${tickets.map((one) => one.version)}::integer[], ${tickets.map((one) => JSON.stringify(one.facts))}::jsonb[],
      ${tickets.map((one) => moment(one.nextActionAt))}::timestamptz[], ${tickets.map((one) => moment(one.staleAt))}::timestamptz[]
    ) as new (guild_id, id, version, facts, next_action_at, stale_at)
    where ticket.guild_id = new.guild_id and ticket.id = new.id`);
}

/**
 * Folds the next tickets above `after` (an id) anew from their entries and appends every row of theirs to the outbox, under a
 * new version: the rebuild. It may run beside ordinary work and be interrupted; whoever repeats it loses nothing. Returns the
 * last id to go on from, null when no ticket was left.
 */
export async function retellTickets(
  db: Db,
  input: { after: number; limit: number; guildId?: string },
): Promise<{ last: number | null; rows: number }> {
  const listed = await listToldTickets(db, input);
  const keys = listed.map(({ guildId, id }) => ({ guildId, ticketId: id }));
  if (keys.length === 0) return { last: null, rows: 0 };
  const tickets = await db.query<ToldTicket>(sql`
    select ${identityColumns} from ticket
    where (guild_id, id) in (select guild_id, ticket_id from ${wanted(keys)}) order by id for update`);
  const entries = await entriesOf(db, keys);
  const clockOf = await clocksOf(db, tickets);
  const told = tickets.map((ticket) => {
    const telling = { version: ticket.version + 1, office: clockOf(ticket) };
    return { ...ticket, version: telling.version, ...tellAll(ticket, entries.get(ticket.id) ?? [], telling) };
  });
  await writeFacts(db, told);
  const rows = told.flatMap(({ guildId, id, rows: all }) => all.map((row) => ({ ...row, guildId, ticketId: id })));
  await appendOutbox(db, rows);
  return { last: keys.at(-1)?.ticketId ?? null, rows: rows.length };
}
