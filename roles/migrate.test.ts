import { expect, test } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { runRole, startRole } from '#test/harness/role.ts';
import { sql } from '#runtime/postgres.ts';

test('--wait ends when another has migrated, and not before', async () => {
  const { url, pool } = await testDatabase();
  const { url: clickhouseUrl, database } = await testClickhouse();
  const env = { DATABASE_URL: url, CLICKHOUSE_URL: `${clickhouseUrl}/${database}` };
  const [last] = await pool.query<{ name: string }>(
    sql`delete from docket_migration where id = (select max(id) from docket_migration) returning name`,
  );
  const waiting = startRole(['migrate', '--wait', '120'], env);
  // It says that it waits once it has looked; only then is the version put back.
  await new Promise<void>((resolve) => {
    let said = '';
    waiting.process.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes('Postgres is at an older version')) resolve();
    });
  });
  await pool.query(sql`insert into docket_migration (name, run_on) values (${last?.name}, now())`);
  expect((await waiting.ended).code).toBe(0);
});

test('--wait gives up with the reason', async () => {
  const { url, pool } = await testDatabase();
  await pool.query(sql`delete from docket_migration`);
  const { code, err } = await runRole(['migrate', '--wait', '1'], { DATABASE_URL: url });
  expect(code).toBe(1);
  expect(err).toContain('not at this version within 1 s: Postgres is at an older version');
});

test('--wait takes whole seconds', async () => {
  const { code, err } = await runRole(['migrate', '--wait', 'long']);
  expect(code).toBe(2);
  expect(err).toContain('Usage');
});

test('CLICKHOUSE_CLUSTER is a name, and one that the server must know', async () => {
  const { url } = await testDatabase();
  const { url: clickhouseUrl, database } = await testClickhouse({ migrated: false });
  const env = { DATABASE_URL: url, CLICKHOUSE_URL: `${clickhouseUrl}/${database}` };
  const wrong = await runRole(['migrate'], { ...env, CLICKHOUSE_CLUSTER: 'a.b' });
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain('CLICKHOUSE_CLUSTER');
  const { code, err } = await runRole(['migrate'], { ...env, CLICKHOUSE_CLUSTER: 'nowhere-1' });
  expect(code).toBe(1);
  expect(err).toContain("'nowhere-1'");
});
