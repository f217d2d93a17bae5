import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { createPool, sql } from '#runtime/postgres.ts';
import { waitMs } from '#runtime/retry.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { startJobRunner, takeSecondRelease } from './job-runner.ts';
import { startPresence } from './presence.ts';

const { pool, url } = await testDatabase();
const log = createLog({ role: 'test', level: 'silent' });

test('a job whose end could not be told runs again, and the process lives on', async () => {
  // While there is a row in `outage`, a job cannot be taken off the queue, as when the database goes away at that moment.
  await pool.query(sql`create table outage ()`);
  await pool.query(sql`insert into outage default values`);
  await pool.query(sql`create function fail() returns trigger language plpgsql as $$ begin
    if exists (select from outage) then raise exception 'away' using errcode = '57P01'; end if;
    return old; end $$`);
  await pool.query(sql`create trigger outage before delete on graphile_worker._private_jobs
    for each row execute function fail()`);

  const presence = await startPresence({ db: pool, log }, { everyMs: 50 });
  // Four end one after another while none can be told: that once left the library neither running nor ended.
  const ran = [0, 0, 0, 0];
  const probe = async (payload: unknown): Promise<void> => {
    const { n } = payload as { n: number };
    ran[n] = (ran[n] ?? 0) + 1;
    await until(
      async () => ran,
      (all) => all.every((times) => times > 0),
    );
    await waitMs(n * 20);
    if (ran.every((times) => times > 1)) await pool.query(sql`delete from outage`);
  };
  const settings = { concurrency: 4, pollInterval: 50 };
  const runner = await startJobRunner({ databaseUrl: url, tasks: { probe }, presence, log, ...settings });
  for (const n of [0, 1, 2, 3])
    await pool.query(sql`select from graphile_worker.add_job('probe', json_build_object('n', ${n}::int),
      queue_name => ${`ticket:${n}`})`);
  await until(
    () => pool.query(sql`select from graphile_worker._private_jobs`),
    (jobs) => jobs.length === 0,
  );
  await runner.stop();
  await presence.stop();
});

test('jobs go on after all connections of the queue were ended, again and again', async () => {
  const presence = await startPresence({ db: pool, log }, { everyMs: 50 });
  const ran = new Set<number>();
  const probe = async (payload: unknown): Promise<void> => void ran.add((payload as { n: number }).n);
  const settings = { concurrency: 2, pollInterval: 50 };
  const runner = await startJobRunner({ databaseUrl: url, tasks: { probe }, presence, log, ...settings });
  for (let n = 0; n < 5; n += 1) {
    await pool.query(sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'docket-jobs' and datname = current_database()`);
    await pool.query(sql`select from graphile_worker.add_job('probe', json_build_object('n', ${n}::int))`);
    await until(
      async () => ran.has(n),
      (has) => has,
    );
  }
  await runner.stop();
  await presence.stop();
});

test('a connection that is given back twice does not end the process', async () => {
  const own = createPool({ url, max: 1, name: 'jobs', log });
  takeSecondRelease(own.pg);
  await new Promise<void>((resolve) => {
    own.pg.connect((error, _, release) => {
      expect(error).toBeUndefined();
      release();
      expect(() => release()).not.toThrow();
      resolve();
    });
  });
  expect(await own.query(sql`select 1 as one`)).toEqual([{ one: 1 }]);
  await own.end();
});
