import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { type Db, sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createScene } from '#tickets/scene.ts';
import { reshard } from '#tickets/store/fleet/shard-total.ts';
import { listGaps } from '#tickets/store/gap.ts';
import { createSessionGaps } from './session-gaps.ts';

const { pool } = await testDatabase();
const log = createLog({ role: 'test', level: 'silent' });
let bots = 0;

/** One shard of a bot, its clock, and a ticket of one of its servers. */
async function setUp() {
  const botId = String((bots += 1));
  await pool.query(sql`insert into bot (bot_id, shard_total) values (${botId}, 1)`);
  const { guildId, start, ...scene } = await createScene(pool);
  const { id } = await scene.open(scene.person());
  let at = start;
  const clock = { at: (second: number) => void (at = start + second * 1_000) };
  return {
    botId,
    clock,
    process: (db: Db = pool) => createSessionGaps({ db, botId, now: () => at, log }),
    guildId,
    gaps: async () =>
      (await listGaps(pool, guildId, id)).map(({ from, to }) => [(from - start) / 1_000, (to - start) / 1_000]),
  };
}

test('the first session has no gap; one after a loss has, from the last time the shard was heard', async () => {
  const { clock, process, guildId, gaps } = await setUp();
  const one = process();
  one.began(0);
  await one.record(0, guildId);
  expect(await gaps()).toEqual([]);
  clock.at(60);
  await one.heard([0]);
  clock.at(70);
  one.began(0);
  await one.record(0, guildId);
  expect(await gaps()).toEqual([[60, 70]]);
});

test('a process that resumes the session of a killed one notes what that one could not any more', async () => {
  const { clock, process, guildId, gaps } = await setUp();
  const first = process();
  first.began(0);
  clock.at(60);
  await first.heard([0]);
  clock.at(100);
  const second = process();
  second.began(0);
  await second.heard([0]);
  clock.at(200);
  await second.heard([0]);
  const third = process(); // GUILD_CREATE is replayed to it
  third.opened(0);
  await third.record(0, guildId);
  expect(await gaps()).toEqual([[60, 100]]);
});

test('sessions that are lost before they are heard make one gap', async () => {
  const { clock, process, guildId, gaps } = await setUp();
  const one = process();
  one.began(0);
  clock.at(10);
  await one.heard([0]);
  for (const second of [20, 30]) {
    clock.at(second);
    one.began(0);
    await one.record(0, guildId);
  }
  expect(await gaps()).toEqual([[10, 30]]);
});

test('after another number of shards every shard has a gap, from when the first of the old ones fell silent', async () => {
  const { clock, process, botId, guildId, gaps } = await setUp();
  await reshard(pool, { botId, total: 2 });
  const one = process();
  one.began(0);
  one.began(1);
  clock.at(10);
  await one.heard([0]);
  clock.at(20);
  await one.heard([1]);
  await reshard(pool, { botId, total: 4 });
  clock.at(30);
  const two = process();
  two.began(3);
  await two.record(3, guildId);
  expect(await gaps()).toEqual([[10, 30]]);
});

test('while the database is away nothing counts as heard, and the gap is noted afterwards', async () => {
  const { clock, process, guildId, gaps } = await setUp();
  let isAway = false;
  const db: Db = {
    query: (statement) => (isAway ? Promise.reject(new Error('away')) : pool.query(statement)),
  };
  const one = process(db);
  one.began(0);
  clock.at(10);
  await one.heard([0]);
  isAway = true;
  clock.at(20);
  one.began(0);
  clock.at(30);
  await expect(one.heard([0])).rejects.toThrow('away');
  await expect(one.record(0, guildId)).rejects.toThrow('away');
  isAway = false;
  await one.heard([0]);
  await one.record(0, guildId);
  expect(await gaps()).toEqual([[10, 20]]);
});
