import type { ClickHouseClient } from '@clickhouse/client';
import type { Kafka } from 'kafkajs';
import type { Log } from '#runtime/log.ts';
import { type Db, type Pool, sql } from '#runtime/postgres.ts';
import { waitMs } from '#runtime/retry.ts';
import { eventColumns, type LogRow, rowKey, ticketColumns } from '#tickets/events.ts';
import { listToldTickets } from '#tickets/store/fleet/history.ts';
import { countWaiting } from '#tickets/store/fleet/outbox.ts';
import { type Expected, expectedRows, outboxIds } from '#tickets/store/fleet/verify.ts';
import { readRows } from '../clickhouse/client.ts';
import { readProgress } from '../log/progress.ts';
import { withAdmin } from '../log/topic.ts';

type Deps = {
  pool: Pool;
  clickhouse: ClickHouseClient;
  log: Log;
  signal?: AbortSignal;
  /** Where rows are between the outbox and ClickHouse; none without Kafka. */
  topic?: { kafka: Kafka; name: string };
};

/**
 * What does not agree: a row that ClickHouse lacks; one that it has and Postgres does not imply; one whose contents differ; a ticket whose
 * stored facts are not what its entries imply; rows that were not drained, or not read from Kafka, in time.
 */
export type Difference = {
  readonly what: 'missing' | 'unexpected' | 'different' | 'facts' | 'undrained';
  readonly key: string;
  readonly columns?: readonly string[];
};

/** Counts and differences; of the latter at most the first hundred are listed. */
export type Verdict = {
  readonly tickets: number;
  readonly rows: number;
  /** Rows that are newer in ClickHouse than the snapshot; no difference. */
  readonly newer: number;
  readonly deadLetters: number;
  readonly differences: number;
  readonly listed: readonly Difference[];
};

const maxListed = 100;
const drainDeadlineMs = 60_000;
const pollMs = 100;
// Tickets compared at once: ClickHouse reads the key columns of a whole table each time, for its order begins with the server.
const compareSize = 5_000;
const pageSize = 1_000;

/**
 * Compares ClickHouse with one moment of Postgres: takes a snapshot, waits up to 60 s until the outbox rows of that moment are drained
 * (and, with Kafka, what was in the topic then is read), then compares keys and contents. What was written after that moment is newer and no difference.
 */
export async function verify(deps: Deps, o: { guildId?: string; deadlineMs?: number } = {}): Promise<Verdict> {
  const scope = o.guildId === undefined ? {} : { guildId: o.guildId };
  return deps.pool.transaction(async (snapshot) => {
    const waiting = await outboxIds(snapshot);
    const tally = createTally();
    const deadline = performance.now() + (o.deadlineMs ?? drainDeadlineMs);
    const undrained = await waitForDrain(deps, snapshot, waiting, deadline);
    if (undrained > 0) tally.add({ what: 'undrained', key: `${undrained} rows` });
    const unread = await waitForIngest(deps, snapshot, deadline);
    if (unread > 0) tally.add({ what: 'undrained', key: `${unread} messages in Kafka` });
    let after = 0;
    let tickets: Expected[] = [];
    for await (const more of expectedRows(snapshot, scope)) {
      deps.signal?.throwIfAborted();
      tickets.push(...more);
      if (tickets.length < compareSize) continue;
      const upTo = tickets.at(-1)?.ticketId ?? after;
      await compareBatch(deps, tally, { tickets, after, upTo, ...scope });
      after = upTo;
      tickets = [];
    }
    await compareBatch(deps, tally, { tickets, after, upTo: Number.MAX_SAFE_INTEGER, ...scope });
    const [letters] = await readRows<{ n: string }>(deps.clickhouse, 'SELECT count() AS n FROM dead_letter');
    return tally.verdict(Number(letters?.n ?? 0));
  }, 'repeatable read');
}

type Tally = ReturnType<typeof createTally>;

function createTally() {
  const counts = { tickets: 0, rows: 0, newer: 0, differences: 0 };
  const listed: Difference[] = [];
  return {
    counts,
    add(difference: Difference): void {
      counts.differences += 1;
      if (listed.length < maxListed) listed.push(difference);
    },
    verdict: (deadLetters: number): Verdict => ({ ...counts, deadLetters, listed }),
  };
}

async function waitForDrain(deps: Deps, snapshot: Db, ids: readonly number[], deadline: number): Promise<number> {
  return ids.length === 0 ? 0 : waitFor(deps, snapshot, deadline, () => countWaiting(deps.pool, ids));
}

/** What left the outbox lies below the ends that the topic has by now; an offset is committed when ClickHouse has what is below it. */
async function waitForIngest(deps: Deps, snapshot: Db, deadline: number): Promise<number> {
  const { topic } = deps;
  if (!topic) return 0;
  return withAdmin(topic.kafka, async (admin) => {
    const { ends } = await readProgress(admin, topic.name);
    return waitFor(deps, snapshot, deadline, async () => (await readProgress(admin, topic.name, ends)).behind);
  });
}

/** Asks until nothing is left or the deadline has passed; returns what is left. */
async function waitFor(deps: Deps, snapshot: Db, deadline: number, ask: () => Promise<number>): Promise<number> {
  for (;;) {
    const left = await ask();
    if (left === 0 || performance.now() > deadline) return left;
    await snapshot.query(sql`select 1`); // keeps the snapshot's connection from being closed as idle
    await waitMs(pollMs, deps.signal);
  }
}

type Value = string | number | null | readonly (string | number)[];
type Stored = Record<string, Value> & { guild_id: string; ticket_id: string; version: number };

/** Compares the tickets whose ids lie above `after` and up to `upTo`: the expected ones are all that Postgres had there. */
async function compareBatch(
  deps: Deps,
  tally: Tally,
  o: { tickets: readonly Expected[]; after: number; upTo: number; guildId?: string },
): Promise<void> {
  const [events, snapshots] = await Promise.all([readStored(deps, 'event', o), readStored(deps, 'ticket', o)]);
  const stored = new Map([...events, ...snapshots].map((row) => [row.key, row]));
  const versions = new Map(o.tickets.map((ticket) => [`${ticket.guildId}/${ticket.ticketId}`, ticket.version]));
  for (const ticket of o.tickets) {
    tally.counts.tickets += 1;
    if (!ticket.isFolded) tally.add({ what: 'facts', key: `${ticket.guildId}/${ticket.ticketId}` });
    for (const row of ticket.rows) {
      const key = keyOf(row);
      const found = stored.get(key);
      stored.delete(key);
      compareRow(tally, { row, key, found: found?.row, version: ticket.version });
    }
  }
  const strangers = [...stored.values()].filter(({ row }) => {
    const version = versions.get(ticketOf(row));
    return version === undefined || row.version <= version;
  });
  tally.counts.newer += stored.size - strangers.length;
  await judgeStrangers(deps, tally, strangers, new Set(versions.keys()));
}

const keyOf = (row: LogRow): string => `${row.kind} ${rowKey(row)}`;

function compareRow(tally: Tally, o: { row: LogRow; key: string; found: Stored | undefined; version: number }): void {
  const { row, key, found } = o;
  tally.counts.rows += 1;
  if (!found) {
    tally.add({ what: 'missing', key });
    return;
  }
  if (found.version > o.version) {
    tally.counts.newer += 1;
    return;
  }
  // An older version is right when it says the same: rows are told again only when they change. `replies` of a snapshot is as of its version.
  const isOlder = found.version < o.version;
  const columns = Object.entries(row.row)
    .filter(([name]) => name !== 'version' && !(isOlder && row.kind === 'ticket' && name === 'replies'))
    .filter(([name, value]) => textOf(value) !== textOf(found[name]))
    .map(([name]) => name);
  if (columns.length > 0) tally.add({ what: 'different', key, columns });
}

/** Numbers, texts and lists of them as ClickHouse writes them. */
const textOf = (value: Value | undefined): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? `[${value.join()}]` : String(value);

/**
 * Rows of tickets that the snapshot does not have may belong to tickets that were opened after it: those that Postgres has by now are newer.
 */
async function judgeStrangers(
  deps: Deps,
  tally: Tally,
  strangers: readonly { key: string; row: Stored }[],
  known: ReadonlySet<string>,
): Promise<void> {
  const unknown = strangers.filter(({ row }) => !known.has(ticketOf(row))).map(({ row }) => Number(row.ticket_id));
  let ids = [...new Set(unknown)].toSorted((a, b) => a - b);
  const opened = new Set<string>();
  while (ids[0] !== undefined) {
    const page = await listToldTickets(deps.pool, { after: ids[0] - 1, limit: pageSize });
    for (const { guildId, id } of page) opened.add(`${guildId}/${id}`);
    const last = page.length < pageSize ? Number.POSITIVE_INFINITY : (page.at(-1)?.id ?? Number.POSITIVE_INFINITY);
    ids = ids.filter((id) => id > last);
  }
  for (const { key, row } of strangers) {
    if (opened.has(ticketOf(row))) tally.counts.newer += 1;
    else tally.add({ what: 'unexpected', key });
  }
}

const ticketOf = (row: Stored): string => `${row.guild_id}/${row.ticket_id}`;

/** A table's newest rows of the tickets whose ids lie in a range; times in ms, as the rows of Postgres have them. */
async function readStored(
  deps: Deps,
  kind: 'event' | 'ticket',
  o: { after: number; upTo: number; guildId?: string },
): Promise<{ key: string; row: Stored }[]> {
  const columns = Object.entries(kind === 'event' ? eventColumns : ticketColumns).map(([name, { type }]) =>
    type.includes('DateTime64') ? `toUnixTimestamp64Milli(${name}) AS ${name}` : name,
  );
  const scope = o.guildId === undefined ? '' : ' AND guild_id = {guild:UInt64}';
  const rows = await readRows<Stored>(
    deps.clickhouse,
    `SELECT ${columns.join(', ')} FROM ${kind} FINAL
     PREWHERE ticket_id > {after:UInt64} AND ticket_id <= {upTo:UInt64}${scope}`,
    { after: o.after, upTo: o.upTo, ...(o.guildId !== undefined && { guild: o.guildId }) },
    { maxSeconds: 300 },
  );
  return rows.map((row) => ({
    key: kind === 'event' ? `event ${ticketOf(row)}/${String(row.name)}/${String(row.id)}` : `ticket ${ticketOf(row)}`,
    row,
  }));
}
