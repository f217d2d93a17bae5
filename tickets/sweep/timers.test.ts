import { beforeEach, expect, test } from 'vitest';

import { type Pool, sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { recordMessages } from '../actions/record-messages.ts';
import { setSettings } from '../actions/set-settings.ts';
import { createScene, type Scene } from '../scene.ts';
import type { Settings } from '../settings/registry.ts';
import { readHistory } from '../store/history.ts';
import { readTicket } from '../store/ticket.ts';
import type { Ticket } from '../ticket.ts';
import { retimeTickets, sweepTimers, timerPace } from './timers.ts';

const minute = 60_000;
const hour = 60 * minute;
// Tickets of all servers are swept, so each test has a database of its own.
const worlds: { pool: Pool; scene: Scene }[] = [];
for (let i = 0; i < 7; i += 1) {
  const { pool } = await testDatabase();
  worlds.push({ pool, scene: await createScene(pool) });
}
let pool: Pool;
let scene: Scene;
beforeEach(() => {
  const world = worlds.pop();
  if (!world) throw new Error('one world a test');
  ({ pool, scene } = world);
});

const reasonOf = (_: unknown, kind: string) => `by ${kind}`;
const sweepAt = (afterMs: number) => sweepTimers(scene.ctx, { now: scene.start + afterMs, reasonOf });
const read = (ticket: Ticket) => readTicket(pool, scene.guildId, ticket.id) as Promise<Ticket>;
const set = async (patch: Partial<Settings>, of = scene) => {
  await setSettings(of.ctx, of.guildId, { by: of.owner, patch: { autoclose: true, ...patch } });
  await retimeTickets(of.ctx, of.guildId);
};
const names = async (ticket: Ticket) => (await readHistory(pool, scene.guildId, ticket.id)).map((row) => row.name);

test('a silent ticket is warned about once, then closes by Docket, with the reason, and is told like every closing', async () => {
  await set({ autocloseInactive: 3 * hour, autocloseWarning: hour });
  const ticket = await scene.open(scene.person());
  expect(ticket.nextActionAt).toBe(scene.start + 2 * hour);
  expect(await sweepAt(2 * hour - 1)).toMatchObject({ taken: 0 });
  expect(await sweepAt(2 * hour)).toMatchObject({ taken: 1, closed: 0 });
  expect(await sweepAt(2 * hour)).toMatchObject({ taken: 0 });
  expect(await read(ticket)).toMatchObject({ warnedAt: scene.start + 2 * hour, nextActionAt: scene.start + 3 * hour });
  expect(await sweepAt(3 * hour)).toMatchObject({ taken: 1, closed: 1 });
  const closed = await read(ticket);
  expect(closed).toMatchObject({ state: 'closed', closedBy: null, closeReason: 'by inactive', nextActionAt: null });
  const history = await readHistory(pool, scene.guildId, ticket.id);
  expect(history.map(({ name, actorKind, data }) => [name, actorKind, data.closesAt ?? null])).toEqual([
    ['opened', 'opener', null],
    ['warned', 'system', scene.start + 3 * hour],
    ['closed', 'system', null],
  ]);
  const [job] = await pool.query(sql`select priority from graphile_worker.jobs where key = ${`ticket:${ticket.id}`}`);
  expect(job).toEqual({ priority: 10 });
});

test('a message moves the timer in its own transaction, and takes a stale mark away; a bot’s does neither', async () => {
  await set({ autocloseInactive: 9 * hour, staleAfter: hour });
  const opener = scene.person();
  const ticket = await scene.open(opener);
  await sweepAt(hour);
  expect(await read(ticket)).toMatchObject({ staleAt: scene.start + hour, nextActionAt: scene.start + 9 * hour });
  const bot = scene.message(ticket, scene.person(), 2 * 3_600, { isBot: true });
  await recordMessages(scene.ctx, [bot]);
  expect(await read(ticket)).toMatchObject({ staleAt: scene.start + hour, nextActionAt: scene.start + 9 * hour });
  await recordMessages(scene.ctx, [scene.message(ticket, opener, 2 * 3_600)]);
  expect(await read(ticket)).toMatchObject({ staleAt: null, nextActionAt: scene.start + 3 * hour });
  await sweepAt(3 * hour);
  expect(await read(ticket)).toMatchObject({ staleAt: scene.start + 3 * hour, nextActionAt: scene.start + 11 * hour });
  expect(await names(ticket)).toEqual(['opened', 'went_stale', 'went_stale']);
});

test('settings that change lengthen, shorten and end what is under way, by a job', async () => {
  const tickets = [await scene.open(scene.person()), await scene.open(scene.person())];
  const due = async () => Promise.all(tickets.map(async (one) => (await read(one)).nextActionAt));
  const { by, jobs } = {
    by: scene.owner,
    jobs: sql`select task_identifier as task from graphile_worker.jobs where key = ${`timers:${scene.guildId}`}`,
  };
  await setSettings(scene.ctx, scene.guildId, { by, patch: { autoclose: true, autocloseNoResponse: 5 * hour } });
  expect(await due()).toEqual([null, null]);
  expect(await pool.query(jobs)).toEqual([{ task: 'timers' }]);
  expect(await retimeTickets(scene.ctx, scene.guildId)).toBe(2);
  expect(await due()).toEqual([scene.start + 5 * hour, scene.start + 5 * hour]);
  await set({ autocloseNoResponse: 2 * hour });
  expect((await due())[0]).toBe(scene.start + 2 * hour);
  await set({ autoclose: false });
  expect(await due()).toEqual([null, null]);
  await pool.query(sql`delete from graphile_worker._private_jobs`);
  await setSettings(scene.ctx, scene.guildId, { by, patch: { feedback: true } });
  expect(await pool.query(jobs)).toEqual([]);
});

test('without premium a timer that is due rests until the server has it', async () => {
  await set({ autocloseInactive: hour });
  const ticket = await scene.open(scene.person());
  const ctx = { ...scene.ctx, premium: 'entitled' as const };
  expect(await sweepTimers(ctx, { now: scene.start + 2 * hour, reasonOf })).toMatchObject({ taken: 0, failed: 0 });
  expect(await read(ticket)).toMatchObject({ state: 'open', nextActionAt: null });
});

test('a timer that fails is put off, longer each time, says so, and holds up no other', async () => {
  await set({ autocloseInactive: hour });
  const [broken, sound] = [await scene.open(scene.person()), await scene.open(scene.person())];
  await pool.pg.query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
    create trigger refuse before insert on history for each row
      when (new.ticket_id = ${broken.id} and new.name = 'closed') execute function refuse()`);
  expect(await sweepAt(hour)).toEqual({ taken: 1, closed: 1, failed: 1 });
  expect(await read(sound)).toMatchObject({ state: 'closed' });
  const problem = async () => {
    const { applied, nextActionAt, state, isExcluded } = await read(broken);
    return [
      state,
      isExcluded,
      applied.problem?.code,
      applied.problem?.context.tries,
      (nextActionAt ?? 0) - scene.start,
    ];
  };
  expect(await problem()).toEqual(['open', false, 'timer.failed', 1, hour + minute]);
  expect(await sweepAt(hour)).toMatchObject({ failed: 0 });
  await sweepAt(hour + minute);
  expect(await problem()).toEqual(['open', false, 'timer.failed', 2, hour + 3 * minute]);
  await pool.pg.query('drop trigger refuse on history');
  expect(await sweepAt(hour + 3 * minute)).toMatchObject({ closed: 1 });
  expect((await read(broken)).applied.problem).toBeNull();
});

test('of two sweeps at once each ticket is closed by one; one that is held by somebody is left to them', async () => {
  await set({ autocloseInactive: hour });
  const tickets = [];
  for (let i = 0; i < 12; i += 1) tickets.push(await scene.open(scene.person()));
  const swept = await Promise.all([sweepAt(hour), sweepAt(hour), sweepAt(hour)]);
  expect(swept.reduce((sum, one) => sum + one.closed, 0)).toBe(12);
  for (const ticket of tickets) expect(await names(ticket)).toEqual(['opened', 'closed']);
  const held = await scene.open(scene.person());
  const holder = await pool.pg.connect();
  await holder.query(`begin; select from ticket where id = ${held.id} for update`);
  expect(await sweepAt(hour)).toEqual({ taken: 0, closed: 0, failed: 0 });
  // A worker that is killed in the middle holds nothing any more, and nothing of its transaction is left.
  holder.release(true);
  await expect.poll(async () => (await sweepAt(hour)).closed).toBe(1);
});

test('10,000 due at once over 100 servers: each is closed once, no sweep takes more than its pace, and every server has its turn', async () => {
  await set({ autocloseInactive: hour });
  await scene.open(scene.person());
  // As many more by copies of it: a hundred in each of a hundred servers, one of them long overdue.
  await pool.pg.query(`
    insert into guild (guild_id, name, owner_id, member_count, locale, settings)
    select guild_id + n, name, owner_id, member_count, locale, settings from guild, generate_series(1, 99) as n;
    insert into ticket
    select (jsonb_populate_record(ticket, jsonb_build_object('guild_id', ticket.guild_id + g, 'id', 10000000 + g * 1000 + n, 'display_no', n + 1,
      'lifetime_no', n + 1, 'channel_id', null, 'interaction_id', 5000000 + g * 1000 + n, 'next_action_at', next_action_at - interval '1 day' * (g = 7)::int))).*
    from ticket, generate_series(0, 99) as g, generate_series(1, 100) as n where not (g = 0 and n = 100)`);
  const rows = await pool.query<{ n: number }>(sql`select count(*) as n from ticket where state = 'open'`);
  expect(rows).toEqual([{ n: 10_000 }]);
  const takenIn = async () =>
    (
      await pool.query<{ n: number }>(sql`
      select count(*) as n from ticket where state = 'closed' group by guild_id`)
    ).map(({ n }) => n);
  for (let taken = 0, sweeps = 0; taken < 10_000; sweeps += 1) {
    const swept = await Promise.all([sweepAt(hour), sweepAt(hour)]);
    for (const one of swept) expect(one.taken).toBeLessThanOrEqual(timerPace);
    taken += swept.reduce((sum, one) => sum + one.taken, 0);
    // Eight sweeps: at most one ticket of a server in each, and hardly a server without one.
    if (sweeps === 3) expect(await takenIn()).toSatisfy((all: number[]) => Math.max(...all) <= 8 && all.length >= 90);
    expect(sweeps).toBeLessThan(1_000);
  }
  const [{ closings, tickets } = {}] = await pool.query<{ closings: number; tickets: number }>(sql`
    select count(*) as closings, count(distinct ticket_id) as tickets from history where name = 'closed'`);
  expect({ closings, tickets }).toEqual({ closings: 10_000, tickets: 10_000 });
}, 300_000);
