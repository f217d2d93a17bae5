import { Readable } from 'node:stream';
import { ClickHouseError, createClient } from '@clickhouse/client';

/** A value of a query's parameter; ids of Discord are texts. */
export type Parameter = string | number | readonly (string | number)[];

/** ClickHouse as Docket uses it: one database, values only as parameters, ids as texts. */
export type ClickHouse = {
  readonly database: string;
  /** Runs a reading statement. `maxSeconds` ends it in the server (default 10): a page must not hold the engine. */
  read<Row>(query: string, parameters?: Record<string, Parameter>, o?: { maxSeconds?: number }): Promise<Row[]>;
  /** Runs a statement that answers nothing. */
  command(query: string, parameters?: Record<string, Parameter>): Promise<void>;
  /** Inserts lines that are already encoded as TabSeparated. All or nothing. */
  insert(table: string, columns: readonly string[], lines: readonly string[]): Promise<void>;
  createDatabase(): Promise<void>;
  /** Throws when the server does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

const identifier = /^[a-z_][a-z0-9_]*$/;

/** Refuses anything that is not a plain name, so that a name from the configuration cannot change a statement. */
function checkedName(name: string): string {
  if (!identifier.test(name)) throw new Error(`not a plain name: ${name}`);
  return name;
}

// Right because a key never changes its partition; the vertical form of FINAL is up to twice as slow here (measured with 10 M events).
const readingSettings = {
  do_not_merge_across_partitions_select_final: 1,
  enable_vertical_final: 0,
  output_format_json_quote_64bit_integers: 1,
} as const;

/** Opens a client. Nothing is sent until the first statement, so ClickHouse may still be starting. */
export function createClickhouse(o: { url: string; database: string }): ClickHouse {
  const database = checkedName(o.database);
  const options = {
    url: o.url,
    application: 'docket',
    request_timeout: 60_000,
    max_open_connections: 10,
    clickhouse_settings: { async_insert: 0 as const },
  };
  const client = createClient({ ...options, database });
  return {
    database,
    async read<Row>(query: string, parameters: Record<string, Parameter> = {}, { maxSeconds = 10 } = {}) {
      const answer = await client.query({
        query,
        format: 'JSONEachRow',
        query_params: parameters,
        clickhouse_settings: { ...readingSettings, max_execution_time: maxSeconds },
      });
      return answer.json<Row>();
    },
    async command(query, parameters = {}) {
      await client.command({ query, query_params: parameters });
    },
    async insert(table, columns, lines) {
      const values = Readable.from([lines.join('')], { objectMode: false });
      const names = columns.map(checkedName) as [string, ...string[]];
      await client.insert({ table: checkedName(table), columns: names, format: 'TabSeparated', values });
    },
    async createDatabase() {
      // The client's own database is sent with every statement, and must exist by then.
      const first = createClient(options);
      try {
        await first.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
      } finally {
        await first.close();
      }
    },
    async ping() {
      const answer = await client.ping({ select: true });
      if (!answer.success) throw answer.error;
    },
    close: () => client.close(),
  };
}

// Codes that say "not now" rather than "not this row": the server is starting, stopping, too busy, out of memory, or the table is not there yet.
const passing = new Set(['60', '81', '159', '160', '164', '202', '203', '209', '210', '236', '241', '242', '252', '279', '394', '999']);

/**
 * Whether ClickHouse looked at the rows and said no. Anything else (no connection, overloaded, no table yet) is worth another try
 * with the same rows.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof ClickHouseError && !passing.has(error.code);
}
