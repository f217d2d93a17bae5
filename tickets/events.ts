import type { AuthorKind, Entry, Facts, Figures, Source } from './facts.ts';

/**
 * The two kinds of row that leave Postgres, declared once: the outbox, the log's codec, the columns in ClickHouse, `verify` and docs/events.md
 * derive from here. A changed meaning is a new name; a name is never used again.
 */

/** An event's name and what it means. One event per entry; a message's name follows from its author's kind when it was recorded. */
export const eventNames = {
  'ticket.opened': 'A ticket got its channel; filed at the time of the click that opened it.',
  'ticket.claimed': 'A member of staff took the ticket.',
  'ticket.released': 'Its claim was taken back.',
  'ticket.member_added': 'Somebody was added to the ticket.',
  'ticket.member_removed': 'Somebody was removed from it.',
  'ticket.closed': 'The ticket was closed.',
  'ticket.reopened': 'A closed ticket was opened again.',
  'ticket.rated': 'The opener rated the closed ticket; a later rating replaces it.',
  'ticket.assigned': 'The ticket was given to a member of staff, who holds it from now on.',
  'ticket.panel_switched': 'It went to another panel, whose teams work on it from now on.',
  'ticket.renamed': 'Its channel got a name of its own.',
  'ticket.topic_set': 'Its topic was written.',
  'ticket.priority_set': 'Its priority was set.',
  'ticket.labels_set': 'Its labels were set.',
  'ticket.close_requested': 'Staff asked the opener whether it may be closed.',
  'ticket.close_denied': 'The opener wants it to stay open.',
  'ticket.reason_set': 'The reason of its closing was written anew.',
  'ticket.excluded': 'No timer closes it from now on.',
  'ticket.included': 'Timers may close it again.',
  'ticket.went_stale': 'Nobody wrote in it for the time that the server calls stale.',
  'ticket.warned': 'Its opener was warned that it will close by itself.',
  'message.received': 'The opener wrote.',
  'message.replied': 'Staff wrote where the opener can read it.',
  'message.other': 'Anybody else wrote: somebody added, an onlooker, a bot.',
} as const;
export type EventName = keyof typeof eventNames;

/** A column: its type in ClickHouse and what it holds. */
type Column<T extends string = string> = { readonly type: T; readonly doc: string };
const column = <const T extends string>(type: T, doc: string): Column<T> => ({ type, doc });

/** Columns of `event`. Its key is (guild_id, ticket_id, name, id); everything else is corrected by the same key with a higher version. */
export const eventColumns = {
  guild_id: column('UInt64', 'the server'),
  ticket_id: column('UInt64', 'the ticket; grows with time'),
  name: column('LowCardinality(String)', 'what happened'),
  id: column(
    'UInt64',
    'a message’s snowflake; 0 for what happens once to a ticket; else the ticket version that made it',
  ),
  version: column('UInt32', 'the ticket’s version when the row was written'),
  at: column("DateTime64(3, 'UTC')", 'when it happened'),
  ticket_at: column("DateTime64(3, 'UTC')", 'when the ticket was opened; never changes'),
  actor_id: column('UInt64', 'who did it; 0 for Docket itself'),
  actor_kind: column('LowCardinality(String)', 'what they were to the ticket at that moment'),
  actor_team_ids: column('Array(UInt64)', 'their teams at that moment'),
  owner_id: column(
    'UInt64',
    'whose ticket it was: the assignee; at a closing who is credited; at a rating the assignee at the closing',
  ),
  owner_team_ids: column('Array(UInt64)', 'the owner’s teams'),
  opener_id: column('UInt64', 'who asked for help'),
  panel_id: column('UInt64', 'the panel; 0 for none'),
  source: column('LowCardinality(String)', 'how the ticket was opened'),
  waited_s: column('Nullable(UInt32)', 'a reply that ended a wait: how long the opener had waited'),
  waited_office_s: column('Nullable(UInt32)', 'the same in office hours'),
  first_response_s: column('Nullable(UInt32)', 'the ticket’s first reply: seconds from opening'),
  first_response_office_s: column('Nullable(UInt32)', 'the same in office hours'),
  own_first_reply_s: column('Nullable(UInt32)', 'this person’s first reply in the ticket: seconds from opening'),
  duration_s: column('Nullable(UInt32)', 'a closing: seconds from opening'),
  duration_office_s: column('Nullable(UInt32)', 'the same in office hours'),
  reply_no: column('UInt32', 'a reply’s ordinal; 0 for a further line of the same reply'),
  replies_before: column('UInt32', 'replies in the ticket before this'),
  rating: column('UInt8', 'a rating: 1 to 5'),
  is_first_resolution: column('UInt8', '1 for the closing that resolves the ticket for the first time'),
  deleted: column('UInt8', '1 takes the row back'),
} as const satisfies Record<string, Column>;

/** Columns of `ticket`: a snapshot, written when one of them changed (`replies` alone does not count). Key: (guild_id, ticket_id). */
export const ticketColumns = {
  guild_id: column('UInt64', 'the server'),
  ticket_id: column('UInt64', 'the ticket'),
  version: column('UInt32', 'the ticket’s version when the row was written'),
  opened_at: column("DateTime64(3, 'UTC')", 'when it was opened; never changes'),
  opener_id: column('UInt64', 'who asked for help'),
  opened_by: column('UInt64', 'who opened it: differs when staff did'),
  panel_id: column('UInt64', 'the panel; 0 for none'),
  source: column('LowCardinality(String)', 'how it was opened'),
  labels: column('Array(UInt64)', 'its labels now'),
  priority: column('LowCardinality(String)', 'low, normal, high or urgent'),
  status: column('LowCardinality(String)', 'open or closed'),
  claimed_by: column('UInt64', 'the assignee; 0 for nobody'),
  closed_at: column("Nullable(DateTime64(3, 'UTC'))", 'the last closing, while closed'),
  closed_by: column('UInt64', 'who closed it; 0 for Docket itself'),
  first_response_at: column("Nullable(DateTime64(3, 'UTC'))", 'the first reply'),
  first_response_by: column('UInt64', 'who gave it'),
  first_response_s: column('Nullable(UInt32)', 'seconds from opening to the first reply'),
  first_response_office_s: column('Nullable(UInt32)', 'the same in office hours'),
  resolved_at: column("Nullable(DateTime64(3, 'UTC'))", 'the first closing after a reply'),
  duration_s: column('Nullable(UInt32)', 'seconds from opening to the last closing, while closed'),
  duration_office_s: column('Nullable(UInt32)', 'the same in office hours'),
  replies: column('UInt32', 'replies as of this version'),
  rating: column('UInt8', 'the last rating; 0 for none'),
  rated_at: column("Nullable(DateTime64(3, 'UTC'))", 'when it was given'),
  deleted: column('UInt8', '1 takes the row back'),
} as const satisfies Record<string, Column>;

type ValueOf<T extends string> = T extends `Array(${string}`
  ? readonly (number | string)[]
  : T extends `Nullable(${string}`
    ? number | null
    : T extends 'LowCardinality(String)'
      ? string
      : T extends 'UInt64'
        ? number | string
        : number;
type RowOf<C extends Record<string, Column>> = { -readonly [K in keyof C]: ValueOf<C[K]['type']> };

/** Times in milliseconds; snowflakes as texts, Docket's own ids as numbers; nobody and no panel are 0. */
export type EventRow = RowOf<typeof eventColumns>;
export type TicketRow = RowOf<typeof ticketColumns>;

/** A row with its kind, as the outbox and the log carry it. */
export type LogRow = { kind: 'event'; row: EventRow } | { kind: 'ticket'; row: TicketRow };

/** How much a ticket presses, lowest first. */
export const priorities = ['low', 'normal', 'high', 'urgent'] as const;
export type Priority = (typeof priorities)[number];

/** What of a ticket its rows need, besides its facts. */
export type TicketIdentity = {
  readonly id: number;
  readonly guildId: string;
  readonly openedAt: number;
  readonly openerId: string;
  readonly openedBy: string;
  /** The panel that it was opened with; the fold follows it from there. */
  readonly openedPanelId: number | null;
  readonly source: Source;
  readonly priority: Priority;
  readonly labelIds: readonly number[];
};

const messageNames: Record<AuthorKind, EventName> = {
  opener: 'message.received',
  staff: 'message.replied',
  participant: 'message.other',
  observer: 'message.other',
  bot: 'message.other',
  system: 'message.other',
};
const oncePerTicket: ReadonlySet<EventName> = new Set(['ticket.opened', 'ticket.rated']);

/** The name of an entry's event. */
export function eventNameOf(entry: Entry): EventName {
  return entry.kind === 'message' ? messageNames[entry.actorKind] : `ticket.${entry.name}`;
}

/** The event row of an entry, with the figures that the fold gave it. */
export function eventRow(ticket: TicketIdentity, entry: Entry, figures: Figures, version: number): EventRow {
  const name = eventNameOf(entry);
  const id = entry.kind === 'message' ? entry.id : oncePerTicket.has(name) ? 0 : entry.version;
  return {
    guild_id: ticket.guildId,
    ticket_id: ticket.id,
    name,
    id,
    version,
    at: entry.at,
    ticket_at: ticket.openedAt,
    actor_id: entry.actorId ?? 0,
    actor_kind: entry.actorKind,
    actor_team_ids: entry.actorTeamIds,
    owner_id: figures.ownerId ?? 0,
    owner_team_ids: figures.ownerTeamIds,
    opener_id: ticket.openerId,
    panel_id: figures.panelId ?? 0,
    source: ticket.source,
    waited_s: figures.waitedS,
    waited_office_s: figures.waitedOfficeS,
    first_response_s: figures.firstResponseS,
    first_response_office_s: figures.firstResponseOfficeS,
    own_first_reply_s: figures.ownFirstReplyS,
    duration_s: figures.durationS,
    duration_office_s: figures.durationOfficeS,
    reply_no: figures.replyNo,
    replies_before: figures.repliesBefore,
    rating: figures.rating,
    is_first_resolution: figures.isFirstResolution ? 1 : 0,
    deleted: 0,
  };
}

/** The snapshot of a ticket at `version`. */
export function ticketRow(ticket: TicketIdentity, facts: Facts, version: number): TicketRow {
  return {
    guild_id: ticket.guildId,
    ticket_id: ticket.id,
    version,
    opened_at: ticket.openedAt,
    opener_id: ticket.openerId,
    opened_by: ticket.openedBy,
    panel_id: facts.panelId ?? 0,
    source: ticket.source,
    labels: ticket.labelIds,
    priority: ticket.priority,
    status: facts.status,
    claimed_by: facts.claimer?.id ?? 0,
    closed_at: facts.closedAt,
    closed_by: facts.closedBy ?? 0,
    first_response_at: facts.firstResponseAt,
    first_response_by: facts.firstResponseBy ?? 0,
    first_response_s: facts.firstResponseS,
    first_response_office_s: facts.firstResponseOfficeS,
    resolved_at: facts.resolvedAt,
    duration_s: facts.durationS,
    duration_office_s: facts.durationOfficeS,
    replies: facts.replies,
    rating: facts.rating ?? 0,
    rated_at: facts.ratedAt,
    deleted: 0,
  };
}

/** Whether a snapshot says something new: `version` and `replies` alone do not. */
export function isSnapshotChanged(before: TicketRow | null, after: TicketRow): boolean {
  if (!before) return true;
  return JSON.stringify({ ...before, version: 0, replies: 0 }) !== JSON.stringify({ ...after, version: 0, replies: 0 });
}

/** A row's key, fixed for ever: the same for every version of it. */
export function rowKey(entry: LogRow): string {
  const { row } = entry;
  const ticket = `${row.guild_id}/${row.ticket_id}`;
  return entry.kind === 'event' ? `${ticket}/${entry.row.name}/${entry.row.id}` : ticket;
}
