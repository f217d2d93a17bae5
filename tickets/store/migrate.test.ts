import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres.ts';
import { migrate, schemaIsCurrent } from './migrate.ts';

test('several processes migrate an empty database at once, and again without effect', async () => {
  const admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  const name = `m_${process.pid}_${Date.now()}`;
  await admin.query(`create database ${name}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  const log = createLog({ role: 'test', level: 'silent' });
  const pool = createPool({ url: url.href, name: 'test', log });
  onTestFinished(async () => {
    await pool.end();
    await admin.query(`drop database ${name}`);
    await admin.end();
  });
  expect(await schemaIsCurrent(pool)).toBe(false);
  await Promise.all([1, 2, 3].map(() => migrate({ url: url.href, log })));
  expect(await schemaIsCurrent(pool)).toBe(true);
  await migrate({ url: url.href, log });
  const { rows } = await pool.pg.query<{ names: number; different: number }>(
    'select count(*)::int as names, count(distinct name)::int as different from docket_migration',
  );
  expect(rows[0]?.names).toBe(rows[0]?.different);
  await pool.pg.query('delete from docket_migration');
  expect(await schemaIsCurrent(pool)).toBe(false);
});
