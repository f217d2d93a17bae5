import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { startJobRunner } from './job-runner.ts';
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
  let ran = 0;
  const probe = async (): Promise<void> => {
    ran += 1;
    if (ran === 2) await pool.query(sql`delete from outage`);
  };
  const settings = { concurrency: 2, pollInterval: 50 };
  const runner = await startJobRunner({ databaseUrl: url, tasks: { probe }, presence, log, ...settings });
  await pool.query(sql`select from graphile_worker.add_job('probe', '{}', queue_name => 'ticket:1')`);
  await until(
    () => pool.query(sql`select from graphile_worker._private_jobs`),
    (jobs) => jobs.length === 0,
  );
  expect(ran).toBe(2);
  await runner.stop();
  await presence.stop();
});
