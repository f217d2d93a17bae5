import { type Db, type Sql, sql } from '#runtime/postgres.ts';
import { type Applied, nothingApplied } from '../applied.ts';
import type { Facts, Source } from '../facts.ts';
import type { Ticket, TicketMode } from '../ticket.ts';
import { addAttachmentJob } from './job.ts';

/** A ticket's columns under the names of `Ticket`, but for its members. */
export const ticketColumns: Sql = sql`
  ticket.id, ticket.guild_id as "guildId", ticket.version, ticket.state, ticket.display_no as "displayNo",
  ticket.lifetime_no as "lifetimeNo", ticket.opener_id as "openerId", ticket.opened_by as "openedBy",
  ticket.panel_id as "panelId", ticket.opened_panel_id as "openedPanelId",
  ticket.display_scope as "displayScope", ticket.mode, ticket.parent_id as "parentId", ticket.schedule_id as "scheduleId",
  ticket.priority, ticket.topic, ticket.label_ids as "labelIds", ticket.name, ticket.is_excluded as "isExcluded",
  ticket.stale_at as "staleAt", ticket.warned_at as "warnedAt", ticket.close_request as "closeRequest",
  ticket.queued_at as "queuedAt", ticket.team_ids as "teamIds", ticket.source, ticket.subject,
  ticket.claimed_by as "claimedBy", ticket.channel_id as "channelId", ticket.opened_at as "openedAt",
  ticket.closed_at as "closedAt", ticket.closed_by as "closedBy", ticket.close_reason as "closeReason", ticket.rating,
  ticket.rated_at as "ratedAt", ticket.next_action_at as "nextActionAt", ticket.interaction_id as "interactionId",
  ticket.facts, ticket.applied`;
const memberIds = sql`
  array(select user_id from ticket_member as member
        where member.guild_id = ticket.guild_id and member.ticket_id = ticket.id order by user_id) as "memberIds"`;

/** A ticket; null when the server has none with this id. */
export async function readTicket(db: Db, guildId: string, ticketId: number): Promise<Ticket | null> {
  const [row] = await db.query<Ticket>(sql`
    select ${ticketColumns}, ${memberIds} from ticket where guild_id = ${guildId} and id = ${ticketId}`);
  return row ?? null;
}

/** The ticket whose channel this is; null when there is none. */
export async function readTicketByChannel(db: Db, guildId: string, channelId: string): Promise<Ticket | null> {
  const [row] = await db.query<Ticket>(sql`
    select ${ticketColumns}, ${memberIds} from ticket where guild_id = ${guildId} and channel_id = ${channelId}`);
  return row ?? null;
}

/** The ticket that an interaction opened; null when it opened none. */
export async function readTicketByInteraction(db: Db, guildId: string, interactionId: string): Promise<Ticket | null> {
  const [row] = await db.query<Ticket>(sql`
    select ${ticketColumns}, ${memberIds} from ticket
    where guild_id = ${guildId} and interaction_id = ${interactionId}`);
  return row ?? null;
}

/**
 * Holds a ticket's row until the transaction ends, then reads it: only a statement that starts after the lock sees what the
 * transaction before it wrote to the ticket's other tables.
 */
export async function lockTicket(db: Db, guildId: string, ticketId: number): Promise<Ticket | null> {
  await db.query(sql`select 1 from ticket where guild_id = ${guildId} and id = ${ticketId} for update`);
  return readTicket(db, guildId, ticketId);
}

/** Whose tickets somebody sees: `teamIds` null = every team's; else those of these teams, and those that the viewer is in. */
export type TicketScope = { teamIds: readonly number[] | null; viewerId: string | null };

/** What a list is searched for; each has an index of its own. */
export type TicketSearch = {
  number?: number | undefined;
  openerId?: string | undefined;
  claimerId?: string | undefined;
  panelId?: number | undefined;
};

/** Which tickets a list shows. */
export type TicketFilter = TicketScope & {
  status: 'open' | 'closed' | 'all';
  search?: TicketSearch;
  /** Ids below this one: the last id of the page before. */
  before: number | null;
  limit: number;
};

const listed = (guildId: string, { status, teamIds, viewerId }: TicketScope & Pick<TicketFilter, 'status'>): Sql => {
  const states = {
    open: sql`state in ('channel', 'open')`,
    closed: sql`state = 'closed'`,
    all: sql`state in ('channel', 'open', 'closed')`,
  }[status];
  const visible =
    teamIds === null
      ? sql`true`
      : sql`(team_ids && ${teamIds}::bigint[] or opener_id = ${viewerId} or claimed_by = ${viewerId})`;
  return sql`guild_id = ${guildId} and ${states} and ${visible}`;
};

/** How many tickets somebody's list of open tickets has. */
export async function countOpenTickets(db: Db, guildId: string, input: TicketScope): Promise<number> {
  const [row] = await db.query<{ n: number }>(sql`
    select count(*) as n from ticket where ${listed(guildId, { ...input, status: 'open' })}`);
  return row?.n ?? 0;
}

/** Each search is a statement of its own, so that it is planned for its index. */
function searched({ number, openerId, claimerId, panelId }: TicketSearch): Sql {
  const parts = [
    ...(number === undefined ? [] : [sql`display_no = ${number}`]),
    ...(openerId === undefined ? [] : [sql`opener_id = ${openerId}`]),
    ...(claimerId === undefined ? [] : [sql`claimed_by = ${claimerId}`]),
    ...(panelId === undefined ? [] : [sql`panel_id = ${panelId}`]),
  ];
  return parts.reduce((all, one) => sql`${all} and ${one}`, sql`true`);
}

/** A page of tickets, newest first. Reservations are not tickets yet. */
export function listTickets(db: Db, guildId: string, input: TicketFilter): Promise<Ticket[]> {
  return db.query<Ticket>(sql`
    select ${ticketColumns}, ${memberIds} from ticket
    where ${listed(guildId, input)} and ${searched(input.search ?? {})}
      and (${input.before}::bigint is null or id < ${input.before})
    order by id desc limit ${input.limit}`);
}

/** Somebody's own tickets, open and closed, newest first: those with ids below `before`. */
export function listOwnTickets(
  db: Db,
  guildId: string,
  input: { openerId: string; before: number | null; limit: number },
): Promise<Ticket[]> {
  return db.query<Ticket>(sql`
    select ${ticketColumns}, ${memberIds} from ticket
    where guild_id = ${guildId} and opener_id = ${input.openerId} and state in ('channel', 'open', 'closed')
      and (${input.before}::bigint is null or id < ${input.before})
    order by id desc limit ${input.limit}`);
}

/** Limits of tickets at work; null: none. */
export type ActiveLimits = {
  readonly user: number | null;
  readonly panel: number | null;
  readonly guild: number | null;
};

/**
 * How many tickets of a person, a panel and a server count against their limits, each counted no further than its limit: what a server holds
 * beyond that costs an opening nothing. What has no limit is not counted (0).
 */
export async function countActive(
  db: Db,
  guildId: string,
  input: { openerId: string; panelId: number | null; limits: ActiveLimits },
): Promise<{ user: number; panel: number; guild: number }> {
  const { limits } = input;
  const upTo = (limit: number | null, which: Sql): Sql => sql`
    (select count(*) from (select from ticket
     where guild_id = ${guildId} and state in ('reserved', 'channel', 'open') and ${which} limit ${limit ?? 0}) as active)`;
  const [row] = await db.query<{ user: number; panel: number; guild: number }>(sql`
    select ${upTo(limits.user, sql`opener_id = ${input.openerId}`)} as "user",
           ${upTo(limits.panel, sql`panel_id = ${input.panelId}`)} as panel, ${upTo(limits.guild, sql`true`)} as guild`);
  return row ?? { user: 0, panel: 0, guild: 0 };
}

/** The ticket that somebody's message in the dedicated channel opened, and that still goes on; null when there is none. */
export async function readOpenFromMessage(
  db: Db,
  guildId: string,
  input: { openerId: string },
): Promise<Ticket | null> {
  const [row] = await db.query<Ticket>(sql`
    select ${ticketColumns}, ${memberIds} from ticket
    where guild_id = ${guildId} and opener_id = ${input.openerId} and source = 'message'
      and state in ('reserved', 'channel', 'open') order by id desc limit 1`);
  return row ?? null;
}

/** What a reservation is made of. */
export type Reservation = {
  id: number;
  displayScope: number;
  displayEpoch: number;
  displayNo: number;
  mode: TicketMode;
  /** Where it was asked for: a thread hangs there, if it can. */
  parentId: string | null;
  memberIds: readonly string[];
  movedFrom: Applied['movedFrom'];
  scheduleId: number | null;
  interactionId: string;
  openerId: string;
  openedBy: string;
  panelId: number | null;
  /** Empty: the Default team. */
  teamIds: readonly number[];
  source: Source;
  subject: string | null;
  sealedAnswers: Buffer | null;
  wrappedKey: Buffer;
  openedAt: number;
  /** When the reservation is given up. */
  expiresAt: number;
  facts: Facts;
  replyToken: string | null;
};

/** Stores a reservation and its key; returns the ticket. */
export async function insertTicket(db: Db, guildId: string, input: Reservation): Promise<Ticket> {
  const openedAt = new Date(input.openedAt);
  const applied: Applied = { ...nothingApplied, replyToken: input.replyToken, movedFrom: input.movedFrom };
  const [ticket] = await db.query<Ticket>(sql`
    with made as (
      insert into ticket (guild_id, id, version, state, display_epoch, display_no, interaction_id, opener_id, opened_by,
        panel_id, opened_panel_id, display_scope, mode, parent_id, schedule_id, team_ids, source, subject, sealed_answers, opened_at, next_action_at, facts, applied,
        change_version, changed_at)
      values (${guildId}, ${input.id}, 1, 'reserved', ${input.displayEpoch}, ${input.displayNo}, ${input.interactionId},
        ${input.openerId}, ${input.openedBy}, ${input.panelId}, ${input.panelId},
        ${input.displayScope}, ${input.mode}, ${input.parentId}, ${input.scheduleId}, 
        coalesce(nullif(${input.teamIds}::bigint[], '{}'), array(select id from team where guild_id = ${guildId} and is_default)), ${input.source},
        ${input.subject}, ${input.sealedAnswers}, ${openedAt}, ${new Date(input.expiresAt)},
        ${JSON.stringify(input.facts)}, ${JSON.stringify(applied)}, 1, ${openedAt})
      returning *
    ), sealing as (
      insert into ticket_key (guild_id, ticket_id, wrapped) select guild_id, id, ${input.wrappedKey} from made
    ), adding as (
      insert into ticket_member (guild_id, ticket_id, user_id, added_by, added_at)
      select guild_id, id, member, opened_by, opened_at from made, unnest(${input.memberIds}::bigint[]) as member
    )
    select ${ticketColumns}, ${input.memberIds}::bigint[] as "memberIds" from made as ticket`);
  if (!ticket) throw new Error('the insert of a ticket returned nothing');
  return ticket;
}

/** What a change writes back. `version` must be one above the stored. */
export type TicketWrite = Pick<
  Ticket,
  | 'version'
  | 'state'
  | 'lifetimeNo'
  | 'claimedBy'
  | 'channelId'
  | 'closedAt'
  | 'closedBy'
  | 'closeReason'
  | 'rating'
  | 'ratedAt'
  | 'nextActionAt'
  | 'facts'
  | 'panelId'
  | 'teamIds'
  | 'mode'
  | 'parentId'
  | 'priority'
  | 'topic'
  | 'labelIds'
  | 'name'
  | 'isExcluded'
  | 'staleAt'
  | 'warnedAt'
  | 'closeRequest'
  | 'queuedAt'
> & { changedAt: number };

const timeOf = (at: number | null): Date | null => (at === null ? null : new Date(at));

/** Writes a changed ticket back; the caller holds its row. */
export async function updateTicket(db: Db, guildId: string, input: TicketWrite & { id: number }): Promise<void> {
  const rows = await db.query<{ id: number }>(sql`
    update ticket set version = ${input.version}, state = ${input.state}, lifetime_no = ${input.lifetimeNo},
      claimed_by = ${input.claimedBy}, channel_id = ${input.channelId}, closed_at = ${timeOf(input.closedAt)},
      closed_by = ${input.closedBy}, close_reason = ${input.closeReason}, rating = ${input.rating},
      rated_at = ${timeOf(input.ratedAt)}, next_action_at = ${timeOf(input.nextActionAt)},
      panel_id = ${input.panelId}, team_ids = ${input.teamIds}::bigint[], mode = ${input.mode},
      parent_id = ${input.parentId}, priority = ${input.priority}, topic = ${input.topic},
      label_ids = ${input.labelIds}::bigint[], name = ${input.name}, is_excluded = ${input.isExcluded},
      stale_at = ${timeOf(input.staleAt)}, warned_at = ${timeOf(input.warnedAt)},
      close_request = ${input.closeRequest === null ? null : JSON.stringify(input.closeRequest)},
      queued_at = ${timeOf(input.queuedAt)}, facts = ${JSON.stringify(input.facts)}, change_version = ${input.version}, changed_at = ${timeOf(input.changedAt)}
    where guild_id = ${guildId} and id = ${input.id} and version = ${input.version - 1}
    returning id`);
  if (rows.length === 0) throw new Error(`ticket ${input.id} was changed by somebody who did not hold its row`);
}

/** Stores the sealed comment of a rating. */
export async function writeComment(
  db: Db,
  guildId: string,
  input: { ticketId: number; sealed: Buffer | null },
): Promise<void> {
  await db.query(
    sql`update ticket set sealed_comment = ${input.sealed} where guild_id = ${guildId} and id = ${input.ticketId}`,
  );
}

/** Adds somebody to a ticket. */
export async function insertMember(
  db: Db,
  guildId: string,
  input: { ticketId: number; userId: string; addedBy: string; at: number },
): Promise<void> {
  await db.query(sql`
    insert into ticket_member (guild_id, ticket_id, user_id, added_by, added_at)
    select guild_id, id, ${input.userId}, ${input.addedBy}, ${new Date(input.at)}
    from ticket where guild_id = ${guildId} and id = ${input.ticketId}
    on conflict do nothing`);
}

/** Takes somebody out of a ticket. */
export async function deleteMember(
  db: Db,
  guildId: string,
  input: { ticketId: number; userId: string },
): Promise<void> {
  await db.query(sql`
    delete from ticket_member
    where guild_id = ${guildId} and ticket_id = ${input.ticketId} and user_id = ${input.userId}`);
}

/** A ticket's wrapped key; null once it is destroyed. */
export async function readKey(db: Db, guildId: string, ticketId: number): Promise<Buffer | null> {
  const [row] = await db.query<{ wrapped: Buffer }>(
    sql`select wrapped from ticket_key where guild_id = ${guildId} and ticket_id = ${ticketId}`,
  );
  return row?.wrapped ?? null;
}

/** Erases a ticket's content: without its key nothing that it sealed can be read again. A job takes its files away. */
export async function destroyKey(db: Db, guildId: string, ticketId: number): Promise<void> {
  await db.query(sql`delete from ticket_key where guild_id = ${guildId} and ticket_id = ${ticketId}`);
  await addAttachmentJob(db, guildId, ticketId);
}
