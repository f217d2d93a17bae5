import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { type BatcherOptions, createBatcher } from './messages.ts';

const log = createLog({ role: 'test', level: 'silent' });
const databaseError = (code: string) => Object.assign(new Error(code), { code });

function setUp(o: Partial<BatcherOptions<number>> & { refuse?: (batch: number[]) => Error | undefined }) {
  const batches: number[][] = [];
  const done: number[] = [];
  const batcher = createBatcher<number>({
    record: async (batch) => {
      const error = o.refuse?.(batch);
      if (error) throw error;
      batches.push(batch);
    },
    onStored: () => undefined,
    describe: (item) => ({ item }),
    log,
    flushMs: 5,
    max: 10,
    ...o,
  });
  return { batcher, batches, done, push: (n: number) => batcher.push(n, () => done.push(n)) };
}
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

test('everything is stored once, in order, and finished only then', async () => {
  const { batcher, batches, done, push } = setUp({});
  for (const n of upTo(95)) push(n);
  expect(done).toEqual([]);
  await batcher.drain();
  expect(batches.flat()).toEqual(upTo(95));
  expect(done).toEqual(upTo(95));
  expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(50);
});

test('while the database is away nothing is dropped and nothing is finished', async () => {
  let failures = 0;
  const { batcher, done, push } = setUp({
    refuse: () => (failures < 3 ? ((failures += 1), databaseError('57P01')) : undefined),
  });
  for (const n of upTo(3)) push(n);
  await batcher.drain();
  expect([failures, done]).toEqual([3, [0, 1, 2]]);
});

test('a row that the database refuses for good is left out alone', async () => {
  const { batcher, batches, done, push } = setUp({
    refuse: (batch) => (batch.includes(6) ? databaseError('22P05') : undefined),
  });
  for (const n of upTo(10)) push(n);
  await batcher.drain();
  expect(batches.flat()).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9]);
  expect(done).toEqual(upTo(10));
});

test('too much waiting closes the gate, and half of it stored opens it again', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const stored: number[] = [];
  const batcher = createBatcher<number>({
    record: async (batch) => {
      await held;
      stored.push(...batch);
    },
    onStored: () => undefined,
    describe: (item) => ({ item }),
    log,
    max: 10,
    maxPending: 100,
  });
  for (const n of upTo(100)) batcher.push(n, () => undefined);
  expect(batcher.isFull).toBe(false);
  batcher.push(100, () => undefined);
  expect(batcher.isFull).toBe(true);
  const room = batcher.room().then(() => stored.length);
  release();
  expect(await room).toBeGreaterThan(50);
  await batcher.drain();
  expect(stored).toHaveLength(101);
});
