import { runMigrations, Logger as WorkerLogger } from 'graphile-worker';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import type { Log } from '#runtime/log.ts';
import { type Db, sql } from '#runtime/postgres.ts';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const dir = fileURLToPath(new URL('./migrations', import.meta.url));
const table = 'docket_migration';
// Any constant will do, as long as every Docket uses the same: whoever comes second waits, then finds nothing to do.
const lock = 727_001_001;

/**
 * Brings the database to this version's schema: Docket's tables, then graphile-worker's own. Several processes may call it at
 * once; they take turns.
 */
export async function migrate(o: { url: string; log: Log }): Promise<void> {
  const client = new pg.Client({ connectionString: o.url, application_name: 'docket-migrate' });
  client.on('error', (err) => o.log.warn({ err }, 'database connection broke'));
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lock]);
    const done = await runner({
      dbClient: client,
      dir,
      direction: 'up',
      migrationsTable: table,
      noLock: true,
      singleTransaction: true,
      logger: { debug: () => {}, info: () => {}, warn: (text) => o.log.warn(text), error: (text) => o.log.error(text) },
    });
    await runMigrations({ connectionString: o.url, logger: new WorkerLogger(() => () => {}) });
    for (const { name } of done) o.log.info({ migration: name }, 'migration applied');
  } finally {
    await client.end();
  }
}

/** Whether every migration of this version has been applied; a newer database counts as current. */
export async function schemaIsCurrent(db: Db): Promise<boolean> {
  const [known] = await db.query<{ exists: boolean }>(
    sql`select to_regclass('docket_migration') is not null
           and to_regclass('graphile_worker.migrations') is not null as exists`,
  );
  if (!known?.exists) return false;
  const rows = await db.query<{ name: string }>(sql`select name from docket_migration`);
  const applied = new Set(rows.map((row) => row.name));
  const files = await readdir(dir);
  return files.filter((file) => file.endsWith('.sql')).every((file) => applied.has(file.slice(0, -4)));
}
