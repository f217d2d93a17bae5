import { readdir, readFile } from 'node:fs/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { ConfigError } from '#runtime/config.ts';
import { type ClickHouse, readRows, whereWritten } from './client.ts';
import { statementsOf } from './statements.ts';

const folder = new URL('./migrations/', import.meta.url);

/** What was applied, where every host sees it. */
export const ownTable =
  'CREATE TABLE IF NOT EXISTS schema_migration (name String, at DateTime) ENGINE = {engine}MergeTree ORDER BY name';

/**
 * A Replicated database runs each statement on its hosts through Keeper: the migration ends when those that live have done it, and the others
 * do it when they are back (https://clickhouse.com/docs/operations/settings/settings#distributed_ddl_output_mode; the client's types are older). Without
 * effect on one server.
 */
const everywhere = {
  distributed_ddl_output_mode: 'throw_only_active' as 'throw',
  distributed_ddl_task_timeout: '30',
} as const;

/**
 * Brings ClickHouse to this version's schema: one server's, or with `cluster` (its name in `remote_servers`) that of all its hosts. Every statement
 * can be repeated (IF NOT EXISTS), so processes that migrate at once and a migration that was cut off do no harm. Throws ConfigError when
 * the database is of the other sort.
 */
export async function migrateClickhouse(clickhouse: ClickHouse, cluster: string | null = null): Promise<void> {
  await clickhouse.createDatabase(cluster);
  await requireSort(clickhouse, cluster);
  const run = async (text: string): Promise<void> => {
    for (const query of statementsOf(text, { cluster, database: clickhouse.database })) {
      await clickhouse.command({ query, clickhouse_settings: everywhere });
    }
  };
  await run(ownTable);
  const applied = await appliedNames(clickhouse);
  for (const name of await migrationNames()) {
    if (applied.has(name)) continue;
    await run(await readFile(new URL(`${name}.sql`, folder), 'utf8'));
    const query = 'INSERT INTO schema_migration SELECT {name:String}, now()';
    await clickhouse.command({ query, query_params: { name }, clickhouse_settings: whereWritten });
  }
}

/** A database keeps its engine for ever, and tables of the other sort would stand beside those that it has. */
async function requireSort(clickhouse: ClickHouse, cluster: string | null): Promise<void> {
  const [database] = await readRows<{ engine: string }>(
    clickhouse,
    'SELECT engine FROM system.databases WHERE name = currentDatabase()',
  );
  const isReplicated = database?.engine === 'Replicated';
  if (isReplicated === (cluster !== null)) return;
  const name = clickhouse.database;
  throw new ConfigError([
    isReplicated
      ? `CLICKHOUSE_CLUSTER: the database ${name} is a cluster's. Set it to the cluster's name in remote_servers.`
      : `CLICKHOUSE_CLUSTER: the database ${name} is one server's. Drop it there or name another in CLICKHOUSE_URL; then migrate and rebuild.`,
  ]);
}

/** Whether every migration of this version has been applied; a newer schema counts as current. */
export async function clickhouseIsCurrent(clickhouse: ClickHouseClient): Promise<boolean> {
  const tables = await readRows<{ name: string }>(
    clickhouse,
    'SELECT name FROM system.tables WHERE database = currentDatabase() AND name = {name:String}',
    { name: 'schema_migration' },
  );
  if (tables.length === 0) return false;
  const applied = await appliedNames(clickhouse);
  return (await migrationNames()).every((name) => applied.has(name));
}

async function appliedNames(clickhouse: ClickHouseClient): Promise<Set<string>> {
  const rows = await readRows<{ name: string }>(clickhouse, 'SELECT DISTINCT name FROM schema_migration');
  return new Set(rows.map((row) => row.name));
}

async function migrationNames(): Promise<string[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -4))
    .toSorted();
}
