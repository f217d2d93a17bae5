import type { APIGatewayBotInfo } from 'discord-api-types/v10';
import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { metrics } from '#runtime/telemetry.ts';
import { reserveIdentify } from '#tickets/store/fleet/shard.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createIdentifyQueue, keptBack } from './identify.ts';

const log = createLog({ role: 'test', level: 'silent' });
const { pool } = await testDatabase();
const infoOf = (remaining: number, maxConcurrency = 1): APIGatewayBotInfo => ({
  url: 'ws://127.0.0.1',
  shards: 1,
  session_start_limit: { total: 1_000, remaining, reset_after: 1, max_concurrency: maxConcurrency },
});
const gateway = infoOf(1_000);

test('two pods never get the same slot of a bucket', async () => {
  const hourMs = 3_600_000;
  const reserve = () => reserveIdentify(pool, { botId: '1', bucket: 0, windowMs: hourMs });
  const waits = await Promise.all(Array.from({ length: 6 }, reserve));
  expect(waits.map((ms) => Math.round(ms / hourMs)).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(await reserveIdentify(pool, { botId: '1', bucket: 1, windowMs: hourMs })).toBeLessThan(1_000);
});

test('an error of the database is waited out, never thrown: the library would identify at once', async () => {
  let tries = 0;
  const wait = createIdentifyQueue({
    reserve: async () => {
      tries += 1;
      if (tries < 3) throw new Error('no database');
      return 0;
    },
    readGateway: async () => gateway,
    gateway,
    log,
  });
  await wait(0, new AbortController().signal);
  expect(tries).toBe(3);
});

test('an aborted wait ends', async () => {
  const wait = createIdentifyQueue({ reserve: async () => 60_000, readGateway: async () => gateway, gateway, log });
  const abort = new AbortController();
  const waiting = wait(0, abort.signal);
  abort.abort();
  await expect(waiting).rejects.toThrow();
});

test('the last of the day are kept back: it asks Discord again and again instead of sending one', async () => {
  const kept = keptBack(gateway.session_start_limit);
  expect(kept).toBe(21);
  const answers = [infoOf(0), infoOf(kept), infoOf(kept + 2)];
  let asked = 0;
  const lines: string[] = [];
  const wait = createIdentifyQueue({
    reserve: async () => 0,
    readGateway: async () => answers[asked++] ?? infoOf(0),
    gateway: infoOf(kept),
    log: { error: (_: object, text: string) => lines.push(text) } as never,
  });
  const { signal } = new AbortController();
  await Promise.all([wait(0, signal), wait(0, signal)]);
  expect(asked).toBe(3);
  expect(lines.filter((line) => line.startsWith('no IDENTIFY can be spared')).length).toBeGreaterThanOrEqual(3);
  expect(lines.filter((line) => line.startsWith('few IDENTIFYs are left'))).toHaveLength(2);
  const left = (await metrics.identifyBudget.get()).values.find(({ labels }) => labels.of === 'remaining');
  expect(left?.value).toBe(kept);
  const stop = new AbortController();
  const third = wait(0, stop.signal);
  stop.abort();
  await expect(third).rejects.toThrow();
});

test('a bot with a small budget may use half of it', () => {
  expect([1, 2, 5, 100].map((total) => keptBack({ total, max_concurrency: 1 }))).toEqual([0, 1, 2, 3]);
});

test('what is left is told as whole again when the day is over, though nobody asks', async () => {
  const remaining = async () =>
    (await metrics.identifyBudget.get()).values.find(({ labels }) => labels.of === 'remaining')?.value;
  createIdentifyQueue({ reserve: async () => 0, readGateway: async () => gateway, gateway: infoOf(7), log });
  expect(await remaining()).toBe(7);
  await expect.poll(remaining).toBe(1_000);
});
