import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from '#runtime/config.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { clustersOf, ordinalOf, settleTotal, shardsOfPod } from './total.ts';

const { pool } = await testDatabase();

test('pods share the shards: each has one pod, and none has two more than another', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 40 }), (total, podCount) => {
      const pods = Array.from({ length: podCount }, (_, ordinal) => shardsOfPod({ total, podCount, ordinal }));
      expect(pods.flat()).toEqual(Array.from({ length: total }, (_, i) => i));
      const sizes = pods.map((shards) => shards.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
  expect(clustersOf([4, 5, 6], 2)).toEqual([[4, 5], [6]]);
  expect(['docket-cluster-3', 'laptop'].map(ordinalOf)).toEqual([3, 0]);
});

test('the first start decides the number of shards; another is refused with the fix, none keeps it', async () => {
  const recommended = async () => 4;
  expect(await settleTotal(pool, { botId: '1', wanted: undefined, recommended })).toBe(4);
  expect(await settleTotal(pool, { botId: '1', wanted: undefined, recommended: async () => 9 })).toBe(4);
  expect(await settleTotal(pool, { botId: '1', wanted: 4, recommended })).toBe(4);
  const error = await settleTotal(pool, { botId: '1', wanted: 5, recommended }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).problems[0]).toMatch(/TOTAL_SHARDS is 5.*4 shards/);
});
