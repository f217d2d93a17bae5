import { type JobHelpers, Logger, run as runWorker } from 'graphile-worker';
import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { createPool, sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { until } from '#test/harness/desk.ts';
import { startPresence } from './presence.ts';

const { pool, url } = await testDatabase();
const log = createLog({ role: 'test', level: 'silent' });

test('what a dead worker left locked is done by a living one; a living one keeps what it works on', async () => {
  const add = (key: string) =>
    sql`select from graphile_worker.add_job('probe', '{}', queue_name => ${key}, job_key => ${key})`;
  const ran: string[] = [];
  const dead = createPool({ url, max: 2, name: 'dead', log });
  const living = await startPresence({ db: pool, log }, { everyMs: 50 });
  const theirs = await startPresence({ db: dead, log }, { everyMs: 1_000_000 });

  // Two workers that took a job each and never came back: one process is gone, the other only slow.
  await pool.query(add('left'));
  await pool.query(add('held'));
  const take = (key: string, worker: string) => sql`
    with job as (
      update graphile_worker._private_jobs set locked_by = ${worker}, locked_at = now(), attempts = 1 where key = ${key}
      returning job_queue_id)
    update graphile_worker._private_job_queues set locked_by = ${worker}, locked_at = now()
    from job where id = job.job_queue_id`;
  await pool.query(take('left', 'worker-dead'));
  await pool.query(take('held', 'worker-slow'));
  const helpers = { job: { locked_by: 'worker-slow' } } as unknown as JobHelpers;
  await theirs.watch({ probe: async () => {} }).probe?.({}, helpers);

  const tasks = living.watch({ probe: async (_, { job }) => void ran.push(String(job.key)) });
  const logger = new Logger(() => () => {});
  const runner = await runWorker({
    connectionString: url,
    taskList: tasks,
    pollInterval: 50,
    noHandleSignals: true,
    logger,
  });
  await until(
    async () => ran,
    (list) => list.includes('left'),
  );
  expect(ran).toEqual(['left']);

  await theirs.stop(); // as when its process ends: the connection goes, and its locks with it
  await until(
    async () => ran,
    (list) => list.includes('held'),
  );
  await runner.stop();
  await living.stop();
  await dead.end();
});
