import type { Applied } from './applied.ts';
import type { ErrorCode } from './errors.ts';
import type { Priority } from './events.ts';
import type { Facts, Source } from './facts.ts';

/** `reserved` → `channel` → `open` → `closed`; a reservation whose channel never appeared is `abandoned`. */
export const ticketStates = ['reserved', 'channel', 'open', 'closed', 'abandoned'] as const;
export type TicketState = (typeof ticketStates)[number];

/** An answer to a panel's form. Encrypted at rest. */
export type Answer = { readonly label: string; readonly value: string };

/** Where a ticket is: in a channel of its own, or in a private thread. */
export const ticketModes = ['channel', 'thread'] as const;
export type TicketMode = (typeof ticketModes)[number];

/** Staff's question whether a ticket may be closed. `closesAt`: when it closes without an answer (ms); null: never. */
export type CloseRequest = {
  readonly by: string;
  readonly at: number;
  readonly reason: string | null;
  readonly closesAt: number | null;
};

/** A ticket as Postgres holds it. Ids of Discord are texts, Docket's own are numbers, times are milliseconds. */
export type Ticket = {
  readonly id: number;
  readonly guildId: string;
  readonly version: number;
  readonly state: TicketState;
  /** Whose numbering `displayNo` is of: 0 the server's, else a panel's. */
  readonly displayScope: number;
  readonly displayNo: number;
  readonly lifetimeNo: number | null;
  readonly openerId: string;
  readonly openedBy: string;
  /** The panel now; `openedPanelId` is the one that it was opened with. */
  readonly panelId: number | null;
  readonly openedPanelId: number | null;
  /** The teams that may work on it: its panel's, or the Default team. */
  readonly teamIds: readonly number[];
  readonly source: Source;
  readonly subject: string | null;
  /** A channel of its own, or a private thread in `parentId`. */
  readonly mode: TicketMode;
  readonly parentId: string | null;
  /** The office hours that its times are counted in; null: by the calendar. */
  readonly scheduleId: number | null;
  readonly priority: Priority;
  readonly topic: string | null;
  readonly labelIds: readonly number[];
  /** Given by staff; null: as the naming scheme says. */
  readonly name: string | null;
  readonly claimedBy: string | null;
  readonly channelId: string | null;
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly closedBy: string | null;
  readonly closeReason: string | null;
  readonly rating: number | null;
  readonly ratedAt: number | null;
  readonly nextActionAt: number | null;
  /** No timer closes it. */
  readonly isExcluded: boolean;
  readonly staleAt: number | null;
  readonly warnedAt: number | null;
  readonly closeRequest: CloseRequest | null;
  /** Since when it waits for room in Discord. */
  readonly queuedAt: number | null;
  readonly memberIds: readonly string[];
  readonly interactionId: string;
  readonly facts: Facts;
  readonly applied: Applied;
};

/** What may be done to a ticket. */
export type Verb =
  | 'wait'
  | 'attach'
  | 'activate'
  | 'abandon'
  | 'claim'
  | 'release'
  | 'add'
  | 'remove'
  | 'change'
  | 'close'
  | 'amend'
  | 'reopen'
  | 'rate';

const table: Record<Verb, Partial<Record<TicketState, TicketState>>> = {
  // For room in Discord.
  wait: { reserved: 'reserved' },
  attach: { reserved: 'channel' },
  activate: { channel: 'open' },
  abandon: { reserved: 'abandoned', channel: 'abandoned' },
  claim: { open: 'open' },
  release: { open: 'open' },
  add: { open: 'open' },
  remove: { open: 'open' },
  // A member may press close before the welcome message is there: the ticket counts as opened and closed.
  close: { open: 'closed' },
  // Whatever staff write or choose about an open ticket: assignee, panel, name, topic, priority, labels, timers.
  change: { open: 'open' },
  // What may still be written about a closed one: the reason.
  amend: { closed: 'closed' },
  reopen: { closed: 'open' },
  rate: { closed: 'closed' },
};

/** The state that a verb leads to, or the error that says why it may not be done now. */
export function transition(state: TicketState, verb: Verb): { to: TicketState } | { refused: ErrorCode } {
  const to = table[verb][state];
  if (to) return { to };
  if (verb === 'rate') return { refused: 'rate.not-closed' };
  if (state === 'closed' || state === 'abandoned') return { refused: 'ticket.closed' };
  return { refused: state === 'open' ? 'ticket.open' : 'ticket.not-ready' };
}
