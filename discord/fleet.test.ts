import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres.ts';
import { type Control, createControl } from '#simulator/client.ts';
import { type Simulator, startSimulator } from '#simulator/server.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { noteGlobalLimit, noteInvalidRequest, takeRestLease } from '#tickets/store/fleet/rest-lease.ts';
import { createLimiter, type Limiter } from './limits.ts';
import { createRest } from './rest.ts';

const { url } = await testDatabase();
const log = createLog({ role: 'test', level: 'silent' });
let simulator: Simulator;
let control: Control;

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, log, limits: { routeBuckets: false } });
  control = createControl(simulator.control);
});
afterAll(() => simulator?.close());

/** What a process has of its own: connections, a limiter, buckets. */
function process() {
  const pool = createPool({ url, name: 'limiter', max: 2, log });
  const botId = '900000000000000001';
  const limiter: Limiter = createLimiter({
    shared: {
      take: (request) => takeRestLease(pool, { botId, ...request }),
      noteInvalid: () => noteInvalidRequest(pool, botId),
      noteGlobal: (forMs) => noteGlobalLimit(pool, { botId, forMs }),
    },
    log,
  });
  return { pool, rest: createRest({ token: simulator.token, apiUrl: simulator.api, limiter, log }) };
}

test('four processes at once stay under Discord’s 50 requests a second', async () => {
  const processes = Array.from({ length: 4 }, process);
  const before = await control.counts();
  // As many at once as workers have jobs: more would be put off, which is another test.
  const work = processes.flatMap(({ rest }) =>
    Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 8; i += 1) await rest.get('/users/@me');
    }),
  );
  await Promise.all(work);
  const after = await control.counts();
  await Promise.all(processes.map(({ pool }) => pool.end()));
  expect(after.requests - before.requests).toBeGreaterThanOrEqual(256);
  expect(after.rateLimited - before.rateLimited).toBeLessThanOrEqual(2);
}, 30_000);
