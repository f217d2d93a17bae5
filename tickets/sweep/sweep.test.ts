import { expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { closeTicket } from '../actions/close.ts';
import { createScene } from '../scene.ts';
import { recordSettled } from '../store/applied.ts';
import { createSession, readSession } from '../store/identity.ts';
import { readTicket } from '../store/ticket.ts';
import { sweep } from './sweep.ts';

const minutes = 60_000;

/** Tickets of all servers are swept, so each test has a database of its own. */
const worldOf = async () => {
  const { pool } = await testDatabase();
  return { pool, scene: await createScene(pool) };
};
const worlds = [await worldOf(), await worldOf(), await worldOf(), await worldOf()];
const world = () => {
  const next = worlds.pop();
  if (!next) throw new Error('one world a test');
  return next;
};

test('a reservation whose channel never appeared is given up after its time, once, and its job looks for an orphan', async () => {
  const { pool, scene } = world();
  const member = scene.person();
  const [lost, opened] = [await scene.reserve(member), await scene.open(member)];
  const at = (afterMs: number) => sweep(scene.ctx, { now: scene.start + afterMs });
  expect(await at(9 * minutes)).toMatchObject({ abandoned: 0 });
  await pool.query(sql`delete from graphile_worker._private_jobs`);
  const sweeps = await Promise.all([at(11 * minutes), at(11 * minutes), at(11 * minutes)]);
  expect(sweeps.reduce((sum, one) => sum + one.abandoned, 0)).toBe(1);
  expect(await readTicket(pool, scene.guildId, lost.id)).toMatchObject({ state: 'abandoned', nextActionAt: null });
  expect(await readTicket(pool, scene.guildId, opened.id)).toEqual(opened);
  const jobs = await pool.query(sql`select key from graphile_worker.jobs where key = ${`ticket:${lost.id}`}`);
  expect(jobs).toHaveLength(1);
});

test('a ticket that Discord does not look like is queued again when its job is gone or gave up, and only then', async () => {
  const { pool, scene } = world();
  const ticket = await scene.open(scene.person());
  const later = (afterMs: number) => sweep(scene.ctx, { now: scene.start + afterMs });
  const job = sql`select attempts, max_attempts as "maxAttempts" from graphile_worker.jobs where key = ${`ticket:${ticket.id}`}`;
  expect(await later(5 * minutes)).toMatchObject({ requeued: 0 }); // it waits
  await pool.query(sql`delete from graphile_worker._private_jobs`);
  expect(await later(1 * minutes)).toMatchObject({ requeued: 0 }); // too early to call it lost
  expect(await later(5 * minutes)).toMatchObject({ requeued: 1 });
  await pool.query(sql`update graphile_worker._private_jobs set attempts = max_attempts`);
  expect(await later(5 * minutes)).toMatchObject({ requeued: 1 });
  expect(await pool.query(job)).toMatchObject([{ attempts: 0 }]);
});

test('a settled ticket is left alone until it changes again', async () => {
  const { pool, scene } = world();
  const ticket = await scene.open(scene.person());
  await recordSettled(pool, scene.guildId, { ticketId: ticket.id, version: ticket.version });
  await pool.query(sql`delete from graphile_worker._private_jobs`);
  const later = () => sweep(scene.ctx, { now: scene.start + 60 * minutes });
  expect(await later()).toMatchObject({ requeued: 0 });
  const at = scene.start + minutes;
  const closed = await closeTicket(scene.ctx, scene.guildId, { ticketId: ticket.id, by: null, reason: null, at });
  await pool.query(sql`delete from graphile_worker._private_jobs`);
  // A reconciler that read the ticket before the close settles no more than what it read.
  await recordSettled(pool, scene.guildId, { ticketId: ticket.id, version: closed.version - 1 });
  expect(await later()).toMatchObject({ requeued: 1 });
});

test('sessions that ran out are removed', async () => {
  const { pool, scene } = world();
  const session = { userId: scene.owner.id, data: { name: 'Member 12' }, csrf: 'c', expiresAt: scene.start + minutes };
  const hash = Buffer.from('h');
  await createSession(pool, { hash, ...session });
  expect(await sweep(scene.ctx, { now: scene.start })).toMatchObject({ sessions: 0 });
  expect(await readSession(pool, { hash, now: scene.start })).toMatchObject(session);
  expect(await readSession(pool, { hash, now: scene.start + minutes })).toBeNull();
  expect(await sweep(scene.ctx, { now: scene.start + minutes })).toMatchObject({ sessions: 1 });
});
