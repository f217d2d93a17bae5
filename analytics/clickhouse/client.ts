import { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';

/** A client that knows its database, and can make it. */
export type ClickHouse = ClickHouseClient & { readonly database: string; createDatabase(): Promise<void> };

/** A value of a statement's parameter; ids of Discord are texts. */
export type Parameter = string | number | readonly (string | number)[];

const identifier = /^[a-z_][a-z0-9_]*$/;

/** Refuses anything that is not a plain name, so that a configured name cannot change a statement. */
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
    // Its own log writes to the console; every error it would write is thrown as well.
    log: { level: ClickHouseLogLevel.OFF },
  };
  return Object.assign(createClient({ ...options, database }), {
    database,
    async createDatabase(): Promise<void> {
      // The client's own database is sent with every statement, and must exist by then.
      const first = createClient(options);
      try {
        await first.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` });
      } finally {
        await first.close();
      }
    },
  });
}

/** Runs a reading statement. `maxSeconds` (default 10) ends it in the server: one page must not hold the engine. */
export async function readRows<Row>(
  clickhouse: ClickHouseClient,
  query: string,
  parameters: Record<string, Parameter> = {},
  { maxSeconds = 10 } = {},
): Promise<Row[]> {
  const answer = await clickhouse.query({
    query,
    format: 'JSONEachRow',
    query_params: parameters,
    clickhouse_settings: { ...readingSettings, max_execution_time: maxSeconds },
  });
  return answer.json<Row>();
}

/** Inserts lines that are already encoded as TabSeparated, each with its line feed. All or nothing. */
export async function insertLines(
  clickhouse: ClickHouseClient,
  table: string,
  columns: readonly string[],
  lines: readonly string[],
): Promise<void> {
  await clickhouse.insert({
    table: checkedName(table),
    columns: columns.map(checkedName) as [string, ...string[]],
    format: 'TabSeparated',
    values: Readable.from([lines.join('')], { objectMode: false }),
  });
}

// "Not now" rather than "not this row": no such table or column yet (60, 81, 16), timeouts and cancellation (159, 209, 236, 394), read-only
// (164, 242), busy (202, 203, 252), network (210), memory and disk (241, 243, 74-76), no rights (192-194, 497, 516), Keeper and replicas (225,
// 285, 319, 999), an engine that is closing (1000-1002).
const passing = new Set(
  '16 60 74 75 76 81 159 164 192 193 194 202 203 209 210 225 236 241 242 243 252 285 319 394 497 516 999 1000 1001 1002'.split(
    ' ',
  ),
);

/**
 * Whether ClickHouse looked at the rows and said no. Everything else, no connection included, is worth another try with the same rows.
 * An unknown code counts as a refusal: rows among the dead letters can be brought back by a rebuild, a stuck log brings nothing.
 */
export function isRefusal(error: unknown): error is ClickHouseError {
  return error instanceof ClickHouseError && !passing.has(error.code);
}
