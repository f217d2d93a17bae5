import { expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { waitMs } from '#runtime/retry.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { addTicketJob } from './job.ts';

const { pool } = await testDatabase();

test('a change is queued also when a worker takes the waiting job at that very moment', async () => {
  const guildId = '1'.repeat(18);
  await addTicketJob(pool, guildId, 1_001);
  const isWaiting = async (): Promise<boolean> => {
    const [row] = await pool.query<{ n: number }>(
      sql`select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return (row?.n ?? 0) > 0;
  };
  let adding = Promise.resolve();
  await pool.transaction(async (worker) => {
    await worker.query(sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'w', attempts = 1`);
    // It has looked for running jobs already, and waits for the row that the worker holds.
    adding = addTicketJob(pool, guildId, 1_001);
    while (!(await isWaiting())) await waitMs(5);
  });
  await adding;
  expect(await pool.query(sql`select locked_by as by from graphile_worker._private_jobs order by id`)).toEqual([
    { by: 'w' },
    { by: null },
  ]);
});
