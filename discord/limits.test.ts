import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { metrics } from '#runtime/telemetry.ts';
import { createLimiter, LimitedError, type Lease, type Priority } from './limits.ts';

const log = createLog({ role: 'test', level: 'silent' });
const now: Lease = { granted: 10, waitMs: 0, stepMs: 0, isBroken: false };
const silent = { noteInvalid: async () => undefined, noteGlobal: async () => undefined };

/** A shared row that answers when told to. */
function scripted(answers: Lease[]) {
  const asked: { count: number; maxWaitMs: number }[] = [];
  const take = async (request: { count: number; maxWaitMs: number }) => {
    asked.push(request);
    const lease = answers.shift() ?? now;
    return { ...lease, granted: Math.min(lease.granted, request.count) };
  };
  return { asked, shared: { take, ...silent } };
}

test('requests that wait together are granted by one statement', async () => {
  const { asked, shared } = scripted([]);
  const limiter = createLimiter({ shared, log });
  await Promise.all(Array.from({ length: 8 }, () => limiter.acquire('tickets')));
  expect(asked.map(({ count }) => count)).toEqual([1, 7]);
});

test('tickets go before reading what was missed, and that before panels', async () => {
  const { shared } = scripted([{ ...now, granted: 1 }]);
  const limiter = createLimiter({ shared, log });
  const done: string[] = [];
  const ask = (priority: Priority) => limiter.acquire(priority).then(() => done.push(priority));
  await Promise.all([ask('panels'), ask('panels'), ask('gap-fill'), ask('tickets')]);
  expect(done).toEqual(['panels', 'tickets', 'gap-fill', 'panels']);
});

test('a wait of more than 3 s is refused at once with the time to come back', async () => {
  const { shared } = scripted([{ ...now, granted: 0, waitMs: 60_000 }]);
  const error = await createLimiter({ shared, log })
    .acquire('tickets')
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(LimitedError);
  expect((error as LimitedError).retryAfterMs).toBe(60_000);
});

test('without the row requests still go, paced', async () => {
  const shared = { take: () => Promise.reject(new Error('no database')), ...silent };
  await expect(createLimiter({ shared, log }).acquire('tickets')).resolves.toBeUndefined();
});

test('an open breaker refuses everybody, and shows until a request is granted again', async () => {
  const { shared } = scripted([{ granted: 0, waitMs: 400_000, stepMs: 0, isBroken: true }]);
  const limiter = createLimiter({ shared, log });
  const isOpen = async () => (await metrics.restBreaker.get()).values[0]?.value;
  await expect(limiter.acquire('panels')).rejects.toThrow(LimitedError);
  expect(await isOpen()).toBe(1);
  await limiter.acquire('panels');
  expect(await isOpen()).toBe(0);
});
