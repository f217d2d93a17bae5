import { expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createScene } from '../scene.ts';
import { addTicketJob } from '../store/job.ts';
import { collectQueues } from './queues.ts';

/** Queues of all servers are collected, so each test has a database of its own. */
async function setUp() {
  const { pool } = await testDatabase();
  const scene = await createScene(pool);
  const queues = async () =>
    (
      await pool.query<{ name: string }>(
        sql`select queue_name as name from graphile_worker._private_job_queues order by id`,
      )
    ).map(({ name }) => name);
  const finish = (ticketId: number) =>
    pool.query(sql`delete from graphile_worker._private_jobs where key = ${`ticket:${ticketId}`}`);
  return { pool, scene, queues, finish };
}
const worlds = [await setUp(), await setUp(), await setUp()];
const world = () => {
  const next = worlds.pop();
  if (!next) throw new Error('one world a test');
  return next;
};

test('queues without a job go, batch after batch; one with a job, and one that a worker holds, stay', async () => {
  const { pool, scene, queues, finish } = world();
  const tickets = [];
  for (let i = 0; i < 7; i += 1) tickets.push(await scene.open(scene.person()));
  const [waiting, running, ...done] = tickets;
  if (!waiting || !running) throw new Error('seven tickets');
  for (const { id } of [running, ...done]) await finish(id);
  await pool.query(sql`
    update graphile_worker._private_job_queues set locked_at = now(), locked_by = 'worker'
    where queue_name = ${`ticket:${running.id}`}`);
  expect(await queues()).toHaveLength(7);
  expect(await collectQueues(scene.ctx, { pace: 2 })).toBe(5);
  expect(await queues()).toEqual([`ticket:${waiting.id}`, `ticket:${running.id}`]);
  expect(await collectQueues(scene.ctx)).toBe(0);
});

test('a job that is being added keeps its queue, and so runs in it', async () => {
  const { pool, scene, queues, finish } = world();
  const { id } = await scene.open(scene.person());
  await finish(id);
  const adding = Promise.withResolvers<void>();
  const added = Promise.withResolvers<void>();
  const transaction = pool.transaction(async (db) => {
    await addTicketJob(db, scene.guildId, id);
    added.resolve();
    await adding.promise;
  });
  await added.promise;
  const collecting = collectQueues(scene.ctx);
  const waits = async () => pool.query(sql`select from pg_locks where not granted and mode = 'ShareRowExclusiveLock'`);
  await expect.poll(async () => (await waits()).length).toBe(1);
  adding.resolve();
  await transaction;
  expect(await collecting).toBe(0);
  expect(await queues()).toEqual([`ticket:${id}`]);
});

test('a job that is added while queues are collected waits, and gets its queue anew', async () => {
  const { pool, scene, queues, finish } = world();
  const { id } = await scene.open(scene.person());
  await finish(id);
  const holder = await pool.pg.connect();
  await holder.query('begin; lock table graphile_worker._private_job_queues in share row exclusive mode');
  await holder.query('delete from graphile_worker._private_job_queues');
  const adding = addTicketJob(pool, scene.guildId, id);
  const waits = async () => pool.query(sql`select from pg_locks where not granted and mode = 'RowExclusiveLock'`);
  await expect.poll(async () => (await waits()).length).toBe(1);
  await holder.query('commit');
  holder.release();
  await adding;
  const jobs = await pool.query(sql`select queue_name as name from graphile_worker.jobs`);
  expect([jobs, await queues()]).toEqual([[{ name: `ticket:${id}` }], [`ticket:${id}`]]);
});
