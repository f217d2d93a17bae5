import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres.ts';

/** A database of one test file's own. */
export type TestDatabase = { readonly url: string; readonly pool: Pool };

const templateDatabase = 'docket_template';

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * Clones the migrated template for the calling file: `const { pool, url } = await testDatabase();` at the top of the file or of a
 * `describe`, not inside a hook. The clone is dropped when the file (or suite) has ended. A connection that a test forgot
 * to close makes the drop fail, and so the file.
 */
export async function testDatabase(o: { max?: number } = {}): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name} template ${templateDatabase}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  const log = createLog({ role: 'test', level: 'silent' });
  const pool = createPool({ url: url.href, name: 'test', max: o.max ?? 10, log });
  afterAll(async () => {
    await pool.end();
    await onServer(`drop database ${name}`);
  });
  return { url: url.href, pool };
}
