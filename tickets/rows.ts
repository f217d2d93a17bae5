import {
  eventRow,
  isSnapshotChanged,
  type LogRow,
  rowKey,
  type TicketIdentity,
  type TicketRow,
  ticketRow,
} from './events.ts';
import {
  compareKeys,
  type Entry,
  type Facts,
  type Figures,
  fold,
  foldAll,
  isNewer,
  keyOf,
  type OfficeClock,
} from './facts.ts';

type Step = { entry: Entry; figures: Figures };

/** A ticket's facts and the rows that say them. */
export type Told = { facts: Facts; rows: LogRow[] };

/** How rows are written: under which version of their ticket, with the clock of its office hours. */
export type Telling = { readonly version: number; readonly office: OfficeClock };

/** A ticket as far as rows are concerned. */
export type Tellable = TicketIdentity & { readonly facts: Facts; readonly version: number };

const eventOf = (ticket: TicketIdentity, step: Step, version: number): LogRow => ({
  kind: 'event',
  row: eventRow(ticket, step.entry, step.figures, version),
});

/** Of several rows with one key (a ticket that was rated twice) the last says what is true. */
const lastOfEach = (rows: readonly LogRow[]): LogRow[] => [...new Map(rows.map((row) => [rowKey(row), row])).values()];

const contentOf = (entry: LogRow): string => JSON.stringify({ ...entry.row, version: 0 });

/** Everything that a ticket's entries say: the rebuild, `verify`, and the moment a ticket opens. */
export function tellAll(ticket: TicketIdentity, entries: readonly Entry[], { version, office }: Telling): Told {
  const { facts, steps } = foldAll(ticket, entries, office);
  const events = lastOfEach(steps.map((step) => eventOf(ticket, step, version)));
  return { facts, rows: [...events, { kind: 'ticket', row: ticketRow(ticket, facts, version) }] };
}

/** Whether all of `fresh` comes after what the ticket's facts hold; if not, `tellAgain` needs its stored entries. */
export function continues(facts: Facts, fresh: readonly Entry[]): boolean {
  return fresh.every((entry) => isNewer(facts, entry));
}

/** What new entries, all newer than the ticket's facts, add. `ticket` is as it was, `changed` as it is now. */
export function tellMore(
  ticket: Tellable,
  fresh: readonly Entry[],
  telling: Telling,
  changed: TicketIdentity = ticket,
): Told {
  let facts = ticket.facts;
  const rows: LogRow[] = [];
  for (const entry of fresh.toSorted((a, b) => compareKeys(keyOf(a), keyOf(b)))) {
    if (!isNewer(facts, entry)) continue; // twice in one batch
    const step = fold(facts, entry, telling.office);
    facts = step.facts;
    rows.push(eventOf(ticket, { entry, figures: step.figures }, telling.version));
  }
  return { facts, rows: [...lastOfEach(rows), ...snapshot(ticket, facts, telling.version, changed)] };
}

/**
 * What entries add of which some belong before others already told: the ticket is folded anew, and every row that now says
 * something else is told again. `stored` are all its entries before `fresh`.
 */
export function tellAgain(
  ticket: Tellable,
  stored: readonly Entry[],
  fresh: readonly Entry[],
  telling: Telling,
  changed: TicketIdentity = ticket,
): Told {
  const before = tellAll(ticket, stored, { ...telling, version: ticket.version });
  const after = tellAll(ticket, [...stored, ...fresh], telling);
  const told = new Map(before.rows.map((row) => [rowKey(row), contentOf(row)]));
  const rows = after.rows.filter((row) => row.kind === 'event' && told.get(rowKey(row)) !== contentOf(row));
  return { facts: after.facts, rows: [...rows, ...snapshot(ticket, after.facts, telling.version, changed)] };
}

function snapshot(ticket: Tellable, facts: Facts, version: number, changed: TicketIdentity): LogRow[] {
  const before: TicketRow = ticketRow(ticket, ticket.facts, ticket.version);
  const after = ticketRow(changed, facts, version);
  return isSnapshotChanged(before, after) ? [{ kind: 'ticket', row: after }] : [];
}
