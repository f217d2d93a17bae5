import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { type Db, sql } from '#runtime/postgres.ts';
import { acquireShards } from '#tickets/store/fleet/shard.ts';
import { registerBot, reshard } from '#tickets/store/fleet/shard-total.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import type { Connection, Session } from './connection.ts';
import { holdShards } from './leases.ts';
import { isDead, ownerName } from './owner.ts';

const log = createLog({ role: 'test', level: 'silent' });
const { pool } = await testDatabase();
let bots = 100;

/** A bot of its own for a test, and processes that hold its shards with connections that only remember. */
async function setUp(total = 1) {
  const botId = String((bots += 1));
  await registerBot(pool, { botId, total });
  const start = (o: {
    db?: Db;
    owner?: string;
    shardIds?: readonly number[];
    room?: number;
    session?: () => Session | null;
    onClose?: () => void;
    leaseMs?: number;
    graceMs?: number;
  }) => {
    const opened: { shardId: number; session: Session | null; isClosed: boolean }[] = [];
    const others: (number | null)[] = [];
    const open = async (shardId: number, session: Session | null): Promise<Connection> => {
      const one = { shardId, session, isClosed: false };
      opened.push(one);
      return {
        isReady: true,
        unfinished: 0,
        finished: async () => undefined,
        session: o.session ?? (() => session),
        close: async () => {
          one.isClosed = true;
          o.onClose?.();
        },
        pause: () => undefined,
      };
    };
    const leases = holdShards({
      db: o.db ?? pool,
      log,
      botId,
      total,
      owner: o.owner ?? ownerName('test'),
      shardIds: o.shardIds ?? Array.from({ length: total }, (_, i) => i),
      room: o.room ?? 0,
      open,
      onOtherTotal: (other) => void others.push(other),
      leaseMs: o.leaseMs ?? 10_000,
      graceMs: o.graceMs ?? 10_000,
      everyMs: 20,
    });
    return { leases, opened, others };
  };
  const row = async () => {
    const [shard] = await pool.query<{ owner: string | null; session_id: string | null; sequence: number | null }>(
      sql`select owner, session_id, sequence from shard where bot_id = ${botId} and id = 0`,
    );
    return shard;
  };
  return { botId, start, row };
}
const nothing = async () => undefined;

test('a shard has one owner, and the next gets its session when it lets go', async () => {
  const { start, row } = await setUp();
  let sequence = 7;
  const first = start({ session: () => ({ sessionId: 's', resumeUrl: 'ws://r', sequence }) });
  await expect.poll(() => first.opened.length).toBe(1);
  const second = start({});
  await expect.poll(async () => (await row())?.sequence).toBe(7);
  expect(second.opened).toEqual([]);
  await first.leases.stop(async () => void (sequence = 9)); // what is finished while draining counts
  await expect.poll(() => second.opened.length).toBe(1);
  expect(second.opened[0]?.session).toEqual({ sessionId: 's', resumeUrl: 'ws://r', sequence: 9 });
  await second.leases.stop(nothing);
  expect(await row()).toMatchObject({ owner: null, session_id: 's', sequence: 9 });
});

test('a row that belongs to another closes the shard', async () => {
  const { botId, start } = await setUp();
  const one = start({});
  await expect.poll(() => one.opened.length).toBe(1);
  await pool.query(sql`
    update shard set owner = 'another', lease_until = now() + interval '1 hour' where bot_id = ${botId}`);
  await expect.poll(() => one.opened[0]?.isClosed).toBe(true);
  expect(one.leases.ready).toBe(0);
  await one.leases.stop(nothing);
});

test('a lease that cannot be renewed in time closes the shard, even while the database hangs', async () => {
  const { start } = await setUp();
  let isSilent = false;
  const db: Db = { query: (statement) => (isSilent ? new Promise(() => undefined) : pool.query(statement)) };
  const one = start({ db, leaseMs: 200 });
  await expect.poll(() => one.opened.length).toBe(1);
  isSilent = true;
  await expect.poll(() => one.opened[0]?.isClosed).toBe(true);
  isSilent = false;
  await one.leases.stop(nothing);
});

test('a killed process of this host is succeeded at once, without waiting for its lease', async () => {
  const { botId, start } = await setUp(2);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const theirs = ownerName('test').replace(`|${process.pid}|`, `|${child.pid}|`);
  await acquireShards(pool, { botId, total: 2, owner: theirs, shardIds: [0, 1], leaseMs: 3_600_000 });
  expect(isDead(theirs)).toBe(false);
  const one = start({});
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect.poll(() => one.opened.map(({ shardId }) => shardId).toSorted((a, b) => a - b)).toEqual([0, 1]);
  await one.leases.stop(nothing);
});

test('an owner elsewhere is never taken for dead', () => {
  expect(isDead('pod|other-host:1|1|x')).toBe(false);
  expect(isDead('something else')).toBe(false);
  expect(isDead(ownerName('me'))).toBe(false);
});

const served = (one: { opened: { shardId: number; isClosed: boolean }[] }) =>
  one.opened.flatMap(({ shardId, isClosed }) => (isClosed ? [] : [shardId])).toSorted((a, b) => a - b);

test('what nobody serves for lease and grace is adopted, as far as there is room, and handed back when asked for', async () => {
  const { botId, start } = await setUp(4);
  const session = { sessionId: 's', resumeUrl: 'ws://r', sequence: 7 };
  const dead = start({ shardIds: [1, 2, 3], session: () => session });
  await expect.poll(() => served(dead)).toEqual([1, 2, 3]);
  let rounds = 0;
  let sequence = 8;
  const db: Db = {
    query(statement) {
      if (statement.text.includes('count(*)')) rounds += 1;
      return pool.query(statement);
    },
  };
  const living = start({
    db,
    shardIds: [0],
    room: 2,
    graceMs: 200,
    session: () => ({ ...session, sequence }),
    onClose: () => void (sequence = 9),
  });
  await expect.poll(() => served(living)).toEqual([0]);
  await dead.leases.stop(nothing);
  await expect.poll(() => served(living)).toHaveLength(3);
  const roundsBefore = rounds;
  await expect.poll(() => rounds).toBeGreaterThan(roundsBefore + 5);
  expect(served(living)).toHaveLength(3); // there is room for no more
  expect(living.opened.slice(1).map((one) => one.session)).toEqual([session, session]);
  expect([living.leases.ready, living.leases.adopted]).toEqual([1, 2]);

  const again = start({ shardIds: [1, 2, 3] });
  await expect.poll(() => served(again)).toEqual([1, 2, 3]);
  expect(served(living)).toEqual([0]);
  // What was finished until the very end is not brought again.
  const sessions = again.opened.filter((one) => living.opened.some(({ shardId }) => shardId === one.shardId));
  expect(sessions.map((one) => one.session?.sequence)).toEqual([9, 9]);
  const owners = await pool.query<{ owner: string; wanted_by: string | null }>(
    sql`select owner, wanted_by from shard where bot_id = ${botId} and id > 0`,
  );
  expect(new Set(owners.map((row) => JSON.stringify(row))).size).toBe(1);
  expect(owners[0]?.wanted_by).toBeNull();
  await living.leases.stop(nothing);
  await again.leases.stop(nothing);
});

test('within the grace a shard waits for its own process', async () => {
  const { start } = await setUp(2);
  const other = start({ shardIds: [0], room: 8, graceMs: 3_600_000 });
  const own = start({ shardIds: [1] });
  await expect.poll(() => served(own)).toEqual([1]);
  await own.leases.stop(nothing);
  const again = start({ shardIds: [1] });
  await expect.poll(() => served(again)).toEqual([1]);
  expect(served(other)).toEqual([0]);
  await other.leases.stop(nothing);
  await again.leases.stop(nothing);
});

test('a shard that belongs to two stays where it is', async () => {
  const { botId, start } = await setUp();
  const first = start({});
  await expect.poll(() => first.opened.length).toBe(1);
  const second = start({});
  const wish = sql`select wanted_by from shard where bot_id = ${botId} and wanted_by is not null`;
  await expect.poll(async () => (await pool.query(wish)).length).toBe(1);
  expect([served(first), served(second)]).toEqual([[0], []]);
  await second.leases.stop(nothing);
  await first.leases.stop(nothing);
});

test('the total changes only while nobody holds a shard, and who was started with the old one gets none', async () => {
  const { botId, start } = await setUp(2);
  const one = start({ session: () => ({ sessionId: 's', resumeUrl: 'ws://r', sequence: 1 }) });
  await expect.poll(() => served(one)).toEqual([0, 1]);
  const refused = await reshard(pool, { botId, total: 3 });
  expect(refused).toMatchObject({ from: 2, held: [{ shardId: 0 }, { shardId: 1 }] });
  await one.leases.stop(nothing);
  expect(await reshard(pool, { botId, total: 3 })).toEqual({ from: 2, held: [] });
  const rows = sql`select id, owner, session_id from shard where bot_id = ${botId} order by id`;
  expect(await pool.query(rows)).toEqual([0, 1, 2].map((id) => ({ id, owner: null, session_id: null })));
  const late = start({ room: 8, graceMs: 0 });
  await expect.poll(() => late.others[0]).toBe(3);
  expect(late.opened).toEqual([]);
  await late.leases.stop(nothing);
});
