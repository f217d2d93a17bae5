import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { restoreLinks } from './postgres-home.ts';
import { type EmbeddedPostgres, ensureDatabase, startPostgres } from './postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'docket-postgres-'));
chmodSync(folder, 0o755);
const start = (): Promise<EmbeddedPostgres> =>
  startPostgres({
    folder: join(folder, 'postgres'),
    password: 'a:b/c',
    isDurable: false,
    settings: { fsync: 'off' },
    log: createLog({ role: 'test', level: 'silent' }),
  });

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

afterAll(async () => {
  const server = await start();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a second start takes over the server that runs on the folder', async () => {
  const first = await start();
  await ensureDatabase(first, 'docket');
  await ensureDatabase(first, 'docket');
  const second = await start();
  expect(second.pid).toBe(first.pid);
  expect(await ask(second.url('docket'), 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a wrong password is refused', async () => {
  const server = await start();
  const wrong = server.url('postgres').replace(encodeURIComponent('a:b/c'), 'wrong');
  await expect(ask(wrong, 'select 1')).rejects.toThrow(/password/);
});

test('after a kill -9 the next start recovers what was committed', async () => {
  const first = await start();
  await ensureDatabase(first, 'docket');
  await ask(first.url('docket'), 'create table kept as select 7 as n');
  process.kill(first.pid, 'SIGKILL');
  const second = await start();
  expect(second.pid).not.toBe(first.pid);
  expect(await ask(second.url('docket'), 'select n from kept')).toEqual([{ n: 7 }]);
});

test('stopping twice is stopping once', async () => {
  const server = await start();
  await server.stop();
  await server.stop();
  await expect(ask(server.url('postgres'), 'select 1')).rejects.toThrow(/ECONNREFUSED/);
});

test('links that npm did not make are made, and made once', () => {
  const native = join(folder, 'package/native');
  mkdirSync(join(native, 'lib'), { recursive: true });
  writeFileSync(join(native, 'lib/libpq.so.5.18'), '');
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  restoreLinks(native);
  restoreLinks(native);
  expect(readlinkSync(join(native, 'lib/libpq.so.5'))).toBe('libpq.so.5.18');
});
