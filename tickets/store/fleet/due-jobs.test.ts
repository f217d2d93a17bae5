import { expect, test } from 'vitest';
import { testDatabase } from '#test/harness/postgres.ts';
import { sql } from '#runtime/postgres.ts';
import { countDueJobs } from './due-jobs.ts';

test('jobs that are due count; later, running and given-up ones do not', async () => {
  const { pool } = await testDatabase();
  expect(await countDueJobs(pool)).toBe(0);
  for (const [key, runAt, attempts] of [
    ['due', '-1 minute', 25],
    ['also due', '-1 hour', 25],
    ['later', '1 hour', 25],
    ['given up', '-1 minute', 1],
    ['running', '-1 minute', 25],
  ] as const) {
    await pool.query(
      sql`select graphile_worker.add_job('none', '{}'::json, run_at := now() + ${runAt}::interval,
                 max_attempts := ${attempts}::int, job_key := ${key})`,
    );
  }
  await pool.query(sql`update graphile_worker._private_jobs set attempts = 1 where key = 'given up'`);
  await pool.query(
    sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'x' where key = 'running'`,
  );
  expect(await countDueJobs(pool)).toBe(2);
});
