import { readdir, readFile } from 'node:fs/promises';
import type { ClickHouse } from './client.ts';

const folder = new URL('./migrations/', import.meta.url);

/**
 * Brings ClickHouse to this version's schema. Every statement can be repeated (IF NOT EXISTS), so processes that migrate at once and
 * a migration that was cut off do no harm.
 */
export async function migrateClickhouse(clickhouse: ClickHouse): Promise<void> {
  await clickhouse.createDatabase();
  await clickhouse.command(
    'CREATE TABLE IF NOT EXISTS schema_migration (name String, at DateTime) ENGINE = MergeTree ORDER BY name',
  );
  const rows = await clickhouse.read<{ name: string }>('SELECT DISTINCT name FROM schema_migration');
  const applied = new Set(rows.map((row) => row.name));
  for (const name of await migrationNames()) {
    if (applied.has(name)) continue;
    const text = await readFile(new URL(`${name}.sql`, folder), 'utf8');
    for (const statement of statementsOf(text, '')) await clickhouse.command(statement);
    await clickhouse.command('INSERT INTO schema_migration SELECT {name:String}, now()', { name });
  }
}

/** Whether every migration of this version has been applied; a newer schema counts as current. */
export async function clickhouseIsCurrent(clickhouse: ClickHouse): Promise<boolean> {
  const [known] = await clickhouse.read<{ n: string }>(
    'SELECT count() AS n FROM system.tables WHERE database = {database:String} AND name = {name:String}',
    { database: clickhouse.database, name: 'schema_migration' },
  );
  if (known?.n !== '1') return false;
  const rows = await clickhouse.read<{ name: string }>('SELECT DISTINCT name FROM schema_migration');
  const applied = new Set(rows.map((row) => row.name));
  return (await migrationNames()).every((name) => applied.has(name));
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
