import { expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { noteGlobalLimit, noteInvalidRequest, readBreakers, takeRestLease } from './rest-lease.ts';

const { pool } = await testDatabase();

test('whoever asks, moments are given 45 to a second with 4 in advance', async () => {
  const [before] = await pool.query<{ at: number }>(sql`select clock_timestamp() as at`);
  const asker = async () => {
    for (let i = 0; i < 10; i += 1) await takeRestLease(pool, { botId: '1', count: 3, maxWaitMs: 60_000 });
  };
  await Promise.all([asker(), asker(), asker(), asker()]);
  const [after] = await pool.query<{ at: number }>(sql`select next_at as at from rest_lease where bot_id = 1`);
  expect((after?.at ?? 0) - (before?.at ?? 0)).toBeGreaterThanOrEqual(((120 - 4) / 45) * 1_000 - 2); // times are in whole ms
});

test('what may not wait so long is granted nothing and reserves nothing', async () => {
  await takeRestLease(pool, { botId: '2', count: 100, maxWaitMs: 60_000 });
  const refused = await takeRestLease(pool, { botId: '2', count: 1, maxWaitMs: 100 });
  expect(refused.granted).toBe(0);
  expect(refused.waitMs).toBeGreaterThan(1_000);
  const granted = await takeRestLease(pool, { botId: '2', count: 1, maxWaitMs: 60_000 });
  expect(granted.waitMs).toBeLessThanOrEqual(refused.waitMs);
});

test('invalid requests block everybody well before Discord bans the address, and only for the rest of the 10 minutes', async () => {
  await pool.query(sql`
    insert into rest_lease (bot_id, invalid_count, invalid_since) values (3, 7998, now() - interval '9 minutes')`);
  await noteInvalidRequest(pool, '3');
  expect((await takeRestLease(pool, { botId: '3', count: 1, maxWaitMs: 3_000 })).granted).toBe(1);
  await noteInvalidRequest(pool, '3');
  const blocked = await takeRestLease(pool, { botId: '3', count: 1, maxWaitMs: 3_000 });
  expect(blocked.granted).toBe(0);
  expect(blocked.waitMs).toBeGreaterThan(50_000);
  expect(blocked.waitMs).toBeLessThanOrEqual(60_000);
  expect(blocked.isBroken).toBe(true);
  const [breaker] = await readBreakers(pool, { botId: '3' });
  expect(breaker).toMatchObject({ invalidCount: 8_000 });
  expect(breaker?.openForMs).toBeGreaterThan(50_000);
});

test('a global 429 makes everybody wait, and is no open breaker', async () => {
  await noteGlobalLimit(pool, { botId: '4', forMs: 20_000 });
  const lease = await takeRestLease(pool, { botId: '4', count: 1, maxWaitMs: 3_000 });
  expect(lease).toMatchObject({ granted: 0, isBroken: false });
  expect(lease.waitMs).toBeGreaterThan(15_000);
  expect(await readBreakers(pool, { botId: '4' })).toMatchObject([{ openForMs: 0, invalidCount: 0 }]);
});
