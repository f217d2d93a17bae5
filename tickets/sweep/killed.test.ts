import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { childEnv } from '#runtime/config.ts';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { setSettings } from '../actions/set-settings.ts';
import { createScene } from '../scene.ts';
import { readHistory } from '../store/history.ts';
import { retimeTickets, sweepTimers } from './timers.ts';

const { pool, url } = await testDatabase();
const scene = await createScene(pool);
const hour = 3_600_000;
const due = scene.start + hour;
const gate = 77;

/** A worker's sweep in a process of its own. */
const sweeper = `
  import { createLog } from '#runtime/log.ts';
  import { createPool } from '#runtime/postgres.ts';
  import { createKeyring } from '#tickets/crypto.ts';
  import { sweepTimers } from '#tickets/sweep/timers.ts';
  const log = createLog({ role: 'test', level: 'silent' });
  const db = createPool({ url: ${JSON.stringify(url)}, name: 'killed', log });
  const ctx = { db, log, now: () => ${due}, keys: createKeyring('0'.repeat(64)), premium: 'everyone' };
  await sweepTimers(ctx, { now: ${due}, reasonOf: () => 'late' });
  await db.end();
`;

/** Lets a sweep come so far that `closed` tickets are closed, stops it where it next writes to a table, and kills it there. */
async function killAt(table: string, closed: number): Promise<void> {
  await pool.pg.query(`
    create function stop_there() returns trigger language plpgsql as $$ begin
      if current_setting('application_name') = 'docket-killed'
        and (select count(*) from ticket where state = 'closed' and xmin <> pg_current_xact_id()::xid) >= ${closed}
      then perform pg_advisory_xact_lock(${gate}); end if;
      return new; end $$;
    create trigger stop_there before insert or update on ${table} for each row execute function stop_there()`);
  const holder = await pool.pg.connect();
  await holder.query(`select pg_advisory_lock(${gate})`);
  const child = spawn(process.execPath, ['--input-type=module', '-e', sweeper], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: childEnv({}),
    stdio: 'inherit',
  });
  const ended = once(child, 'exit');
  const waiting = async () =>
    (await pool.query(sql`select from pg_locks where locktype = 'advisory' and objid = ${gate} and not granted`))
      .length;
  await expect.poll(waiting, { timeout: 30_000 }).toBe(1);
  child.kill('SIGKILL');
  expect((await ended)[1]).toBe('SIGKILL');
  await holder.query(`select pg_advisory_unlock(${gate})`);
  holder.release();
  // Postgres notices that nobody is there, and takes back what was not finished.
  const left = async () =>
    (
      await pool.query(
        sql`select from pg_stat_activity where application_name = 'docket-killed' and datname = current_database()`,
      )
    ).length;
  await expect.poll(left, { timeout: 30_000 }).toBe(0);
  await pool.pg.query(`drop trigger stop_there on ${table}; drop function stop_there`);
}

const closedNow = async () =>
  (await pool.query<{ n: number }>(sql`select count(*) as n from ticket where state = 'closed'`))[0]?.n;

test('a worker that is killed within a sweep leaves each ticket closed whole or not at all; the next sweeps do the rest, once', async () => {
  const by = scene.owner;
  await setSettings(scene.ctx, scene.guildId, { by, patch: { autoclose: true, autocloseInactive: hour } });
  await retimeTickets(scene.ctx, scene.guildId);
  const tickets = [];
  for (let i = 0; i < 20; i += 1) tickets.push(await scene.open(scene.person()));
  await pool.query(sql`delete from graphile_worker._private_jobs`);
  for (const [i, table] of ['ticket', 'history', 'outbox', 'graphile_worker._private_jobs'].entries()) {
    const closed = 4 * (i + 1);
    await killAt(table, closed);
    expect([table, await closedNow()]).toEqual([table, closed]);
  }
  expect(await sweepTimers(scene.ctx, { now: due, reasonOf: () => 'late' })).toEqual({
    taken: 4,
    closed: 4,
    failed: 0,
  });
  expect(await sweepTimers(scene.ctx, { now: due, reasonOf: () => 'late' })).toEqual({
    taken: 0,
    closed: 0,
    failed: 0,
  });
  for (const ticket of tickets) {
    const history = await readHistory(pool, scene.guildId, ticket.id);
    expect(history.map(({ name }) => name)).toEqual(['opened', 'closed']);
  }
  const jobs = await pool.query<{ key: string }>(sql`select key from graphile_worker.jobs where key like 'ticket:%'`);
  expect(jobs.map(({ key }) => key).toSorted()).toEqual(tickets.map(({ id }) => `ticket:${id}`).toSorted());
  const told = await pool.query<{ id: number }>(sql`
    select ticket_id as id from outbox where kind = 'event' and row ->> 'name' = 'ticket.closed'`);
  expect(told.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(tickets.map(({ id }) => id));
}, 120_000);
