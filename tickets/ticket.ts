import type { Applied } from './applied.ts';
import type { ErrorCode } from './errors.ts';
import type { Facts, Source } from './facts.ts';

/** `reserved` → `channel` → `open` → `closed`; a reservation whose channel never appeared is `abandoned`. */
export const ticketStates = ['reserved', 'channel', 'open', 'closed', 'abandoned'] as const;
export type TicketState = (typeof ticketStates)[number];

/** An answer to a panel's form. Encrypted at rest. */
export type Answer = { readonly label: string; readonly value: string };

/** A ticket as Postgres holds it. Ids of Discord are texts, Docket's own are numbers, times are milliseconds. */
export type Ticket = {
  readonly id: number;
  readonly guildId: string;
  readonly version: number;
  readonly state: TicketState;
  readonly displayNo: number;
  readonly lifetimeNo: number | null;
  readonly openerId: string;
  readonly openedBy: string;
  readonly panelId: number | null;
  /** The teams that may work on it: its panel's, or the Default team. */
  readonly teamIds: readonly number[];
  readonly source: Source;
  readonly subject: string | null;
  readonly claimedBy: string | null;
  readonly channelId: string | null;
  readonly openedAt: number;
  readonly closedAt: number | null;
  readonly closedBy: string | null;
  readonly closeReason: string | null;
  readonly rating: number | null;
  readonly ratedAt: number | null;
  readonly nextActionAt: number | null;
  readonly memberIds: readonly string[];
  readonly interactionId: string;
  readonly facts: Facts;
  readonly applied: Applied;
};

/** What may be done to a ticket. */
export type Verb = 'attach' | 'activate' | 'abandon' | 'claim' | 'release' | 'add' | 'remove' | 'close' | 'rate';

const table: Record<Verb, Partial<Record<TicketState, TicketState>>> = {
  attach: { reserved: 'channel' },
  activate: { channel: 'open' },
  abandon: { reserved: 'abandoned', channel: 'abandoned' },
  claim: { open: 'open' },
  release: { open: 'open' },
  add: { open: 'open' },
  remove: { open: 'open' },
  // A member may press close before the welcome message is there: the ticket counts as opened and closed.
  close: { open: 'closed' },
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
