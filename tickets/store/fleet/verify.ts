import { type Db, sql } from '#runtime/postgres.ts';
import type { LogRow } from '../../events.ts';
import { tellAll } from '../../rows.ts';
import { entriesOf, listToldTickets } from './history.ts';
import { clocksOf } from './schedule.ts';

/**
 * What ClickHouse must hold of one ticket, computed anew from its stored entries. `version` is the ticket's in the snapshot:
 * a row in ClickHouse with a higher one was written later and is no difference; any other must say the same, but for
 * `replies` of a snapshot, which is as of the version that wrote it.
 */
export type Expected = {
  guildId: string;
  ticketId: number;
  version: number;
  rows: LogRow[];
  /** Whether the facts stored with the ticket are what its entries imply. */
  isFolded: boolean;
};

// Large enough that a round trip does not count, small enough that the entries of the longest tickets fit in memory.
const batch = 500;

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
        )
      : value;
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/**
 * Yields what every ticket that was ever open must look like, in batches of tickets by id. Call it inside one transaction of
 * mode 'repeatable read': only then is it one moment.
 */
export async function* expectedRows(db: Db, input: { guildId?: string } = {}): AsyncGenerator<Expected[]> {
  let after = 0;
  for (;;) {
    const tickets = await listToldTickets(db, { after, limit: batch, ...input });
    const last = tickets.at(-1);
    if (!last) return;
    after = last.id;
    const entries = await entriesOf(
      db,
      tickets.map(({ guildId, id }) => ({ guildId, ticketId: id })),
    );
    const clockOf = await clocksOf(db, tickets);
    yield tickets.map((ticket) => {
      const telling = { version: ticket.version, office: clockOf(ticket) };
      const told = tellAll(ticket, entries.get(ticket.id) ?? [], telling);
      const { guildId, id: ticketId, version } = ticket;
      return { guildId, ticketId, version, rows: told.rows, isFolded: isSame(told.facts, ticket.facts) };
    });
  }
}

/** The outbox rows of the same moment: `verify` waits until none of them is left (`countWaiting`). */
export async function outboxIds(db: Db): Promise<number[]> {
  const rows = await db.query<{ id: number }>(sql`select id from outbox order by id`);
  return rows.map((row) => row.id);
}
