import { type Db, sql } from '#runtime/postgres.ts';

/**
 * Removes queues of the job library that hold no job and that no worker has locked, `limit` at most; returns how many. Part of a transaction.
 *
 * TRICKY: the library's own clean-up (0.18.0, GC_JOB_QUEUES) may take a queue away from under a job that is being added: add_job has found the
 * queue there, and its insert, not yet committed, names it. Such a job would never run. So nobody adds or takes jobs while this looks: the lock
 * waits for those who do, half a second at most, because everybody else waits behind it.
 * @throws an error of Postgres with the code 55P03 when the lock could not be had in time
 */
export async function removeEmptyQueues(db: Db, input: { limit: number }): Promise<number> {
  await db.query(sql`set local lock_timeout = '500ms'`);
  await db.query(sql`lock table graphile_worker._private_job_queues in share row exclusive mode`);
  const [row] = await db.query<{ count: number }>(sql`
    with removed as (
      delete from graphile_worker._private_job_queues where id in (
        select id from graphile_worker._private_job_queues as queue
        where locked_at is null
          and not exists (select from graphile_worker._private_jobs as job where job.job_queue_id = queue.id)
        limit ${input.limit}
      ) returning 1
    )
    select count(*) as count from removed`);
  return row?.count ?? 0;
}
