import { type Db, sql } from '#runtime/postgres.ts';

/** Jobs that a worker could start now, of every kind; what is already running or given up does not count. */
export async function countDueJobs(db: Db): Promise<number> {
  // The library's own table: its partial index on is_available answers this, which the public view cannot use.
  const [row] = await db.query<{ due: string }>(
    sql`select count(*) as due from graphile_worker._private_jobs where is_available and run_at <= now()`,
  );
  return Number(row?.due ?? 0);
}
