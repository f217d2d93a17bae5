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

const dbOf = (client: Pick<pg.Pool, 'query'>): Db => ({
  async query<Row>(statement: Sql): Promise<Row[]> {
    const answer = await client.query({ text: statement.text, values: statement.values as unknown[] });
    return answer.rows as Row[];
  },
});

/**
 * Opens a pool. Statements end after 30 s, waiting for a connection after 10 s; TCP keep-alive finds dead servers.
 * A broken idle connection is logged and replaced, it never ends the process. `times: 'date'` is for libraries that expect the driver's own
 * values (times as Date, int8 as text).
 */
export function createPool(o: { url: string; max?: number; name: string; log: Log; times?: 'ms' | 'date' }): Pool {
  const pool = new pg.Pool({
    connectionString: o.url,
    max: o.max ?? 10,
    application_name: `docket-${o.name}`,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
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
        await client.query('rollback').catch((failure: Error) => {
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
