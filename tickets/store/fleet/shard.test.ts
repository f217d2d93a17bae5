import { describe, expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { acquireShards, listShards, releaseShards, renewShards, reserveIdentify, saveSessions } from './shard.ts';
import { registerBot } from './shard-total.ts';

const { pool } = await testDatabase({ max: 20 });
let serial = 0;
const newBot = async (total: number) => {
  const botId = `10000000000000${1000 + ++serial}`;
  await registerBot(pool, { botId, total });
  return botId;
};
const shardIds = [0, 1, 2, 3];
const lease = { total: 4, shardIds, leaseMs: 60_000 };
const ascending = (a: number, b: number): number => a - b;

describe('shards', () => {
  test('the total of the first start stays', async () => {
    const botId = await newBot(4);
    expect(await registerBot(pool, { botId, total: 8 })).toEqual({ total: 4 });
  });

  test('each has one owner, however many want it at once', async () => {
    const botId = await newBot(4);
    const got = await Promise.all(
      Array.from({ length: 10 }, (_, i) => acquireShards(pool, { botId, owner: `pod-${i}`, ...lease })),
    );
    expect(got.flat().map((one) => one.shardId)).toHaveLength(4);
    expect(new Set((await listShards(pool, botId)).map((one) => one.owner)).size).toBe(
      got.filter((one) => one.length > 0).length,
    );
  });

  test('a lease that ran out can be taken; its old owner loses it and can write nothing more', async () => {
    const botId = await newBot(4);
    await acquireShards(pool, { botId, owner: 'a', ...lease });
    expect(await acquireShards(pool, { botId, owner: 'b', ...lease })).toEqual([]);
    const session = { shardId: 2, sessionId: 's', resumeUrl: 'wss://r', sequence: 41 };
    expect(await saveSessions(pool, { botId, owner: 'a', sessions: [session] })).toEqual([2]);
    await pool.query(sql`update shard set lease_until = now() - interval '1 s' where bot_id = ${botId} and id = 2`);
    expect(await acquireShards(pool, { botId, owner: 'b', ...lease })).toEqual([session]);
    expect(
      (await renewShards(pool, { botId, owner: 'a', ...lease })).map((one) => one.shardId).sort(ascending),
    ).toEqual([0, 1, 3]);
    expect(await saveSessions(pool, { botId, owner: 'a', sessions: [{ ...session, sequence: 99 }] })).toEqual([]);
  });

  test('released shards keep their session for whoever comes next', async () => {
    const botId = await newBot(4);
    await acquireShards(pool, { botId, owner: 'a', ...lease });
    const session = { shardId: 1, sessionId: 's', resumeUrl: 'wss://r', sequence: 7 };
    await saveSessions(pool, { botId, owner: 'a', sessions: [session] });
    await releaseShards(pool, { botId, owner: 'a', shardIds });
    expect((await listShards(pool, botId)).every((one) => one.owner === null)).toBe(true);
    const taken = await acquireShards(pool, { botId, owner: 'b', ...lease });
    expect(taken.find((one) => one.shardId === 1)).toEqual(session);
  });

  test('IDENTIFY slots of one bucket are a window apart, whoever takes them', async () => {
    const botId = await newBot(4);
    const waits = await Promise.all(
      Array.from({ length: 6 }, () => reserveIdentify(pool, { botId, bucket: 0, windowMs: 100_000 })),
    );
    // Each slot is the one before plus the window; what passes between two statements only shortens the wait.
    const slots = waits.map((waitMs) => Math.ceil(waitMs / 100_000)).sort(ascending);
    expect(slots).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await reserveIdentify(pool, { botId, bucket: 1, windowMs: 100_000 })).toBeLessThan(1_000);
  });
});
