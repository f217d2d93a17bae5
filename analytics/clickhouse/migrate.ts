import { readdir, readFile } from 'node:fs/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { type ClickHouse, readRows } from './client.ts';

const folder = new URL('./migrations/', import.meta.url);

/**
 * Brings ClickHouse to this version's schema. Every statement can be repeated (IF NOT EXISTS), so processes that migrate at once and
 * a migration that was cut off do no harm.
 */
export async function migrateClickhouse(clickhouse: ClickHouse): Promise<void> {
  await clickhouse.createDatabase();
  await clickhouse.command({
    query: 'CREATE TABLE IF NOT EXISTS schema_migration (name String, at DateTime) ENGINE = MergeTree ORDER BY name',
  });
  const applied = await appliedNames(clickhouse);
  for (const name of await migrationNames()) {
    if (applied.has(name)) continue;
    const text = await readFile(new URL(`${name}.sql`, folder), 'utf8');
    for (const statement of statementsOf(text, '')) await clickhouse.command({ query: statement });
    const query = 'INSERT INTO schema_migration SELECT {name:String}, now()';
    await clickhouse.command({ query, query_params: { name } });
  }
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

/** ClickHouse takes one statement at a time; comments may hold semicolons. */
function statementsOf(text: string, engine: '' | 'Replicated'): string[] {
  return text
    .replace(/^\s*--.*$/gm, '')
    .replaceAll('{engine}', engine)
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
