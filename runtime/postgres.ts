import pg from 'pg';
import type { Log } from './log.ts';

/** A statement with its values apart. Made by the `sql` tag only. */
export type Sql = { readonly text: string; readonly values: readonly unknown[] };

/** Something that answers statements: a pool, or one connection inside a transaction. */
export type Db = { query<Row>(statement: Sql): Promise<Row[]> };

/** A pool of connections. */
export type Pool = Db & {
  /** Runs `work` in one transaction on one connection; commits when it returns, rolls back when it throws. */
  transaction<T>(work: (db: Db) => Promise<T>, mode?: 'read committed' | 'repeatable read'): Promise<T>;
  end(): Promise<void>;
  readonly pg: pg.Pool;
};

const made = new WeakSet<object>();

/**
 * Builds a statement; every `${value}` becomes a parameter, a nested `sql` is spliced in with its own.
 * Nothing else ever reaches the text, so no value can change what a statement means.
 */
export function sql(strings: TemplateStringsArray, ...parts: readonly unknown[]): Sql {
  let text = strings[0] ?? '';
  const values: unknown[] = [];
  parts.forEach((part, i) => {
    if (typeof part === 'object' && part !== null && made.has(part)) {
      const inner = part as Sql;
      text += inner.text.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + values.length}`);
      values.push(...inner.values);
    } else {
      values.push(part);
      text += `$${values.length}`;
    }
    text += strings[i + 1] ?? '';
  });
  const statement = { text, values };
  made.add(statement);
  return statement;
}

// Internal ids and counts have at most 15 digits and become numbers; snowflakes have 17 or more and stay texts,
// because JavaScript's numbers end at 2^53 (design.md 3: the id sequence stays far below).
const parseInt8 = (raw: string): number | string => (raw.length <= 15 ? Number(raw) : raw);
const parseTime = (raw: string): number => Date.parse(raw.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
const parseInt8Array = (raw: string): (number | string)[] =>
  raw === '{}' ? [] : raw.slice(1, -1).split(',').map(parseInt8);
const parsers = new Map<number, (raw: string) => unknown>([
  [20, parseInt8],
  [1016, parseInt8Array],
  [1184, parseTime],
]);
/** How answers become values: int8 → number or text (above 15 digits), timestamptz → milliseconds. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format === 'binary' ? undefined : parsers.get(oid)) ?? pg.types.getTypeParser(oid, format as 'text')) as never,
};

// Postgres spends more on planning a short statement than on running it (openings: 440/s without, 720/s with this). What is asked often is
// prepared under a name, once on each connection; a statement that a migration changes the columns of has another text, so another name.
const usesBeforeName = 20;
const maxNames = 200;
const maxTexts = 1_000;
const uses = new Map<string, number>();
const names = new Map<string, string>();

/** The name of a statement that is asked often, bounded: each connection keeps the plans of at most `maxNames`. */
function nameOf(text: string): string | undefined {
  const name = names.get(text);
  if (name !== undefined || names.size === maxNames) return name;
  const used = (uses.get(text) ?? 0) + 1;
  if (used < usesBeforeName) {
    if (uses.size < maxTexts || uses.has(text)) uses.set(text, used);
    return undefined;
  }
  uses.delete(text);
  names.set(text, `docket_${names.size}`);
  return names.get(text);
}

const dbOf = (client: Pick<pg.Pool, 'query'>): Db => ({
  async query<Row>(statement: Sql): Promise<Row[]> {
    const { text, values } = statement;
    const name = nameOf(text);
    const answer = await client.query({ ...(name && { name }), text, values: values as unknown[] });
    return answer.rows as Row[];
  },
});

// A server whose machine is gone, or a cable that is cut, answers nothing at all: the server's own limit of 30 s for a statement never comes.
const answerWithinMs = 35_000;
const rollbackWithinMs = 5_000;
// The same seen from the server: a client that is gone without a word keeps its locks and its place for two hours by default.
const noticeDeadClients = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';

/** How every connection to Postgres is opened: none waits for ever, none is waited for for ever. */
export const patience = {
  connectionTimeoutMillis: 10_000,
  statement_timeout: 30_000,
  query_timeout: answerWithinMs,
  keepAlive: true,
} as const;

/** Lets the server notice within 25 s that this client is gone, and with it its locks. To be called once it is connected. */
export async function announceKeepAlive(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  await client.query(noticeDeadClients);
}

/**
 * Opens a pool. Statements end after 30 s (a server that says nothing is given up after 35), waiting for a connection after 10 s.
 * A broken idle connection is logged and replaced, it never ends the process. `times: 'date'` is for libraries that expect the driver's own
 * values (times as Date, int8 as text).
 */
export function createPool(o: {
  url: string;
  max?: number;
  name: string;
  log: Log;
  times?: 'ms' | 'date';
  answerWithinMs?: number;
}): Pool {
  const pool = new pg.Pool({
    connectionString: o.url,
    max: o.max ?? 10,
    application_name: `docket-${o.name}`,
    idle_in_transaction_session_timeout: 60_000,
    ...patience,
    ...(o.answerWithinMs && { query_timeout: o.answerWithinMs }),
    onConnect: announceKeepAlive as (client: pg.ClientBase) => void, // awaited, though its type does not say so
    ...(o.times !== 'date' && { types }),
  });
  // Without a listener, node ends the process when an idle connection breaks (graphile-worker asks for both listeners).
  pool.on('error', (err) => o.log.warn({ err }, 'idle database connection broke'));
  pool.on('connect', (client) => client.on('error', (err) => o.log.warn({ err }, 'database connection broke')));
  return {
    ...dbOf(pool),
    pg: pool,
    async transaction<T>(work: (db: Db) => Promise<T>, mode = 'read committed'): Promise<T> {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query(mode === 'repeatable read' ? 'begin isolation level repeatable read read only' : 'begin');
        const value = await work(dbOf(client));
        await client.query('commit');
        return value;
      } catch (error) {
        // A connection that cannot roll back is thrown away, so that nobody inherits its transaction.
        const rollback = { text: 'rollback', query_timeout: Math.min(rollbackWithinMs, o.answerWithinMs ?? Infinity) };
        await client.query(rollback as pg.QueryConfig).catch((failure: Error) => {
          broken = failure;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    end: () => pool.end(),
  };
}
