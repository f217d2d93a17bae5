import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startChild } from '#runtime/embedded/children.ts';
import { type ChdbReady, chdbChild } from '#runtime/embedded/clickhouse.ts';
import { ensureDatabase, startPostgres } from '#runtime/embedded/postgres.ts';
import { createLog } from '#runtime/log.ts';

declare module 'vitest' {
  // What a test file may ask for with `inject`.
  interface ProvidedContext {
    /** Address of the server's database `postgres`. */
    postgresUrl: string;
    clickhouseUrl: string;
  }
}

/** The database that every test file clones. */
const templateDatabase = 'docket_template';

async function migrateTemplate(url: string): Promise<void> {
  // The store's migrations are loaded late: this file is read by vitest itself, before any alias or mock.
  const file = new URL('../../tickets/store/migrate.ts', import.meta.url);
  if (!existsSync(file)) return;
  const { migrate } = await import('#tickets/store/migrate.ts');
  await migrate({ url, log: createLog({ role: 'test', level: 'warn' }) });
}

let tearDown = async (): Promise<void> => {};

/** Starts one Postgres and one chdb for the whole run, on a folder that the run removes, and migrates the template. */
export async function setup(project: TestProject): Promise<void> {
  const log = createLog({ role: 'test', level: 'warn' });
  const folder = mkdtempSync(join(tmpdir(), 'docket-test-'));
  chmodSync(folder, 0o755); // as root, Postgres runs as another user and has to pass through
  const [postgres, chdb] = await Promise.all([
    startPostgres({
      folder: join(folder, 'postgres'),
      password: 'test',
      isDurable: false,
      // Nothing here outlives the run, so nothing has to reach the disk.
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
      log,
    }),
    startChild<ChdbReady>(chdbChild(join(folder, 'chdb')), {
      folder: join(folder, 'run'),
      log,
      onGiveUp: (name, lastWords) => log.fatal({ name, lastWords }, 'a child of the tests kept ending'),
    }),
  ]);
  await ensureDatabase(postgres, templateDatabase);
  await migrateTemplate(postgres.url(templateDatabase));
  project.provide('postgresUrl', postgres.url('postgres'));
  project.provide('clickhouseUrl', `http://127.0.0.1:${chdb.ready.port}`);
  tearDown = async () => {
    await Promise.all([postgres.stop(), chdb.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Ends and removes what `setup` made. */
export async function teardown(): Promise<void> {
  await tearDown();
}
