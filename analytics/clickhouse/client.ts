import { Readable } from 'node:stream';
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { checkedCluster } from './statements.ts';

/** A client that knows its database, and can make it: on one server, or on every host of the cluster of that name. */
export type ClickHouse = ClickHouseClient & {
  readonly database: string;
  createDatabase(cluster?: string | null): Promise<void>;
};

/** A value of a statement's parameter; ids of Discord are texts. */
export type Parameter = string | number | readonly (string | number)[];

const identifier = /^[a-z_][a-z0-9_]*$/;

/** Refuses anything that is not a plain name, so that a configured name cannot change a statement. */
function checkedName(name: string): string {
  if (!identifier.test(name)) throw new Error(`not a plain name: ${name}`);
  return name;
}

/**
 * What counts on a cluster alone. Rows are written when a replica of each shard has them, not when the host that was asked means to send them
 * (https://clickhouse.com/docs/operations/settings/settings#distributed_foreground_insert); and all hosts write to and read from the same replica of a
 * shard, its first that lives (#load_balancing-in_order, #prefer_localhost_replica): another may lack what was written a moment ago, and figures would
 * go back and forth. One that is 10 s behind after an outage waits until it has caught up (#max_replica_delay_for_distributed_queries).
 * Sent always: it changes nothing on one server, and a process that is not told of the cluster must not acknowledge early.
 */
export const whereWritten = {
  distributed_foreground_insert: 1,
  distributed_insert_skip_read_only_replicas: 1,
  load_balancing: 'in_order',
  prefer_localhost_replica: 0,
  use_hedged_requests: 0,
} as const;

// No optimize_skip_unused_shards: a shard without the server answers from its index, and skipping has been wrong with DISTINCT
// (https://github.com/ClickHouse/ClickHouse/issues/92375).
// Right because a key never changes its partition; the vertical form of FINAL is up to twice as slow here (measured with 10 M events).
const readingSettings = {
  ...whereWritten,
  max_replica_delay_for_distributed_queries: '10',
  do_not_merge_across_partitions_select_final: 1,
  enable_vertical_final: 0,
  output_format_json_quote_64bit_integers: 1,
} as const;

// A host that is away makes it when it is back: the statement waits for it in Keeper
// (https://clickhouse.com/docs/operations/settings/settings#distributed_ddl_output_mode). Within the client's own minute.
const eachHost = { distributed_ddl_output_mode: 'null_status_on_timeout', distributed_ddl_task_timeout: '30' } as const;

/**
 * Makes the database: a plain one, or on a cluster a Replicated one on each host. Hosts of one path are one database, and the server's own macros say
 * which host it is (https://clickhouse.com/docs/engines/database-engines/replicated#creating-a-database); statements in it run on all of them, and a
 * host that joins later makes its tables itself.
 */
export function databaseStatement(database: string, cluster: string | null): string {
  const made = `CREATE DATABASE IF NOT EXISTS ${checkedName(database)}`;
  if (cluster === null) return made;
  const path = `/clickhouse/databases/${checkedCluster(cluster)}/${database}`;
  return `${made} ON CLUSTER \`${cluster}\` ENGINE = Replicated('${path}', '{shard}', '{replica}')`;
}

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
    async createDatabase(cluster: string | null = null): Promise<void> {
      // The client's own database is sent with every statement, and must exist by then.
      const first = createClient(options);
      try {
        const query = databaseStatement(database, cluster);
        await first.command({ query, clickhouse_settings: eachHost });
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

/** Inserts lines that are already encoded as TabSeparated, each with its line feed. All or nothing, on a cluster for each shard. */
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
    clickhouse_settings: whereWritten,
  });
}

// "Not now" rather than "not this row": no such table or column yet (60, 81, 16), timeouts and cancellation (159, 209, 236, 394), read-only
// (164, 242), busy (202, 203, 252), network (95, 96, 198, 210), memory and disk (241, 243, 74-76), no rights (192-194, 497, 516), Keeper, replicas and
// shards (225, 244, 279, 285, 286, 319, 369, 519, 571, 701, 999), an engine that is closing (1000-1002).
const passing = new Set(
  '16 60 74 75 76 81 95 96 159 164 192 193 194 198 202 203 209 210 225 236 241 242 243 244 252 279 285 286 319 369 394 497 516 519 571 701 999 1000 1001 1002'.split(
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
