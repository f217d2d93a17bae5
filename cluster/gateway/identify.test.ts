import type { APIGatewayBotInfo } from 'discord-api-types/v10';
import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { reserveIdentify } from '#tickets/store/fleet/shard.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createIdentifyQueue } from './identify.ts';

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

test('when no IDENTIFY is left it asks Discord again instead of sending one', async () => {
  const answers = [infoOf(0), infoOf(5)];
  let asked = 0;
  const wait = createIdentifyQueue({
    reserve: async () => 0,
    readGateway: async () => answers[asked++] ?? infoOf(5),
    gateway: infoOf(0),
    log,
  });
  await wait(0, new AbortController().signal);
  expect(asked).toBe(2);
});
