import pg from 'pg';
import type { Log } from '#runtime/log.ts';
import { announceKeepAlive, type Db, patience, type Sql, types } from '#runtime/postgres.ts';
import { waitMs } from '#runtime/retry.ts';
import { deleteOutbox, type OutboxRow, takeOutbox } from '#tickets/store/fleet/outbox.ts';
import { notify } from '../notify.ts';

/**
 * Takes over the rows of a batch. When it returns they are safe elsewhere and leave the outbox; when it throws they stay, and come again.
 * The same rows may come twice. An aborted signal asks it to give up waiting.
 */
export type Handler = (rows: readonly OutboxRow[], signal: AbortSignal) => Promise<void>;

type Options = {
  /** The database; the drain holds a connection of its own, and the lock lives as long as it does. */
  url: string;
  handler: Handler;
  log: Log;
  /** Rows in one batch. */
  batch?: number;
  /** Between two batches that are not full: a few parts a second in ClickHouse, and figures that are never far behind. */
  intervalMs?: number;
};

// One drainer in all processes. The number only has to be Docket's own.
const lock = 7_210_003;
const idleMs = { min: 50, max: 400 };
const retryMs = { min: 200, max: 5_000 };
// How soon a process that waits for the lock takes over from one that died.
const lockMs = 500;

/** Drains the outbox until stopped. `stop` ends after the batch under way; what is left stays for the next drainer. */
export function startDrain(o: Options): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = run(o, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function run(o: Options, signal: AbortSignal): Promise<void> {
  let wait = retryMs.min;
  while (!signal.aborted) {
    try {
      await withLock(o, signal, async (db) => {
        await drain(o, db, signal, () => {
          wait = retryMs.min;
        });
      });
      await pause(lockMs, signal);
    } catch (err) {
      if (signal.aborted) return;
      o.log.warn({ err, waitMs: wait }, 'outbox could not be drained');
      await pause(wait, signal);
      wait = Math.min(retryMs.max, wait * 2);
    }
  }
}

/** Runs `work` on a connection that holds the lock, or returns soon when another process holds it. Losing the connection is losing the lock. */
async function withLock(o: Options, signal: AbortSignal, work: (db: Db) => Promise<void>): Promise<void> {
  const client = new pg.Client({
    connectionString: o.url,
    application_name: 'docket-drain',
    ...patience,
    types,
  });
  client.on('error', (err) => o.log.warn({ err }, 'draining connection broke'));
  try {
    await client.connect();
    await announceKeepAlive(client); // a process that is gone must not keep the lock
    const answer = await client.query('select pg_try_advisory_lock($1) as mine', [lock]);
    if (!answer.rows[0].mine) return;
    o.log.info('drain took the outbox');
    await work({
      async query<Row>(statement: Sql): Promise<Row[]> {
        const result = await client.query({ text: statement.text, values: [...statement.values] });
        return result.rows as Row[];
      },
    });
  } finally {
    await client.end().catch((err: unknown) => {
      if (!signal.aborted) o.log.warn({ err }, 'draining connection could not be closed');
    });
  }
}

async function drain(o: Options, db: Db, signal: AbortSignal, onProgress: () => void): Promise<void> {
  const batch = o.batch ?? 10_000;
  const intervalMs = o.intervalMs ?? 400;
  let idle = idleMs.min;
  while (!signal.aborted) {
    const started = performance.now();
    const rows = await takeOutbox(db, batch);
    if (rows.length === 0) {
      await pause(idle, signal);
      idle = Math.min(idleMs.max, idle * 2);
      continue;
    }
    idle = idleMs.min;
    await o.handler(rows, signal);
    await deleteOutbox(
      db,
      rows.map((row) => row.id),
    );
    onProgress();
    await notify(
      db,
      'docket_tickets',
      rows.map((row) => String(row.guildId)),
    );
    if (rows.length < batch) await pause(intervalMs - (performance.now() - started), signal);
  }
}

/** Waits, or returns early when asked to stop. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await waitMs(ms, signal).catch(() => undefined); // only an abort ends it, and the loops look at the signal
}
