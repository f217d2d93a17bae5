import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClickhouse } from '#analytics/clickhouse/client.ts';
import { waitMs } from '#runtime/retry.ts';
import { until } from '../harness/desk.ts';
import { type Fleet, startFleet } from '../harness/fleet.ts';
import { nothingSent } from '../harness/traffic.ts';
import { survive } from './survive.ts';

let fleet: Fleet;
const sent = nothingSent();

// ClickHouse is told to leave alone all but this of the disk, and somebody takes twice as much: other users of the disk are few beside that.
const { bavail, bsize } = statfsSync(tmpdir());
const roomBytes = Math.floor(Math.min(2 ** 32, (bavail * bsize) / 4));

beforeAll(async () => {
  fleet = await startFleet({ keepFreeBytes: bavail * bsize - roomBytes });
}, 240_000);
afterAll(() => fleet?.stop(), 60_000);

/** The fault lasts while people send so many more messages. */
const whileSending = async (messages: number): Promise<void> => {
  const before = sent.messageIds.size;
  await until(
    async () => sent.messageIds.size - before,
    (more) => more >= messages,
    60_000,
  );
};

// SIGINT is Postgres' fast shutdown; after kill -9 it has to recover from its log.
test.each(['SIGINT', 'SIGKILL'] as const)('a Postgres that ends by %s and comes back loses nothing', async (signal) => {
  await survive(fleet, sent, `Postgres ${signal}`, async () => {
    const before = fleet.postgres.pid;
    process.kill(before, signal);
    await until(
      async () => fleet.postgres.pid,
      (pid) => pid !== before,
    );
  });
});

test('connections to Postgres that break lose nothing', async () => {
  await survive(fleet, sent, 'Postgres cut off', async () => {
    fleet.cables.postgres.setDown(true);
    await waitMs(5_000); // shorter than leases last: nobody may lose a shard
    fleet.cables.postgres.setDown(false);
  });
});

// What every connection asks of the server (runtime/postgres.ts): 10 s of silence, then three questions 5 s apart.
const keepAliveMs = 25_000;

test('connections to Postgres that go silent lose nothing', async () => {
  await survive(fleet, sent, 'Postgres half-open', async () => fleet.cables.postgres.abandon(keepAliveMs));
});

test('a ClickHouse that is killed loses nothing', async () => {
  await survive(fleet, sent, 'kill -9 ClickHouse', async () => {
    const before = fleet.chdb.pid();
    process.kill(before ?? 0, 'SIGKILL');
    await until(
      async () => fleet.chdb.pid(),
      (pid) => pid !== before,
    );
  });
});

test('connections to ClickHouse that go silent lose nothing', async () => {
  await survive(fleet, sent, 'ClickHouse half-open', async () => {
    fleet.cables.clickhouse.abandon();
    await whileSending(50);
  });
});

test('a full disk under ClickHouse loses nothing: rows wait until there is room', async () => {
  const clickhouse = createClickhouse({ url: new URL(fleet.clickhouseUrl).origin, database: 'docket' });
  const rows = async (): Promise<number> => {
    const answer = await clickhouse.query({ query: 'select count() as n from event', format: 'JSONEachRow' });
    return Number((await answer.json<{ n: string }>())[0]?.n);
  };
  const refuses = async (): Promise<boolean> =>
    clickhouse.insert({ table: 'probe', values: [{ n: 1 }], format: 'JSONEachRow' }).then(
      () => false,
      (error: { code?: string }) => error.code === '243',
    );
  const file = join(fleet.folder, 'ballast');
  try {
    await clickhouse.command({ query: 'create table probe (n UInt8) engine = Memory' });
    await survive(fleet, sent, 'ClickHouse with a full disk', async () => {
      execFileSync('fallocate', ['-l', String(2 * roomBytes), file]);
      await until(refuses, (isFull) => isFull);
      const before = await rows();
      await whileSending(50);
      expect(await rows()).toBe(before);
      rmSync(file);
    });
  } finally {
    rmSync(file, { force: true });
    await clickhouse.close();
  }
});
