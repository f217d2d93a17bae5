import type { EachBatchPayload } from 'kafkajs';
import { expect, test, vi } from 'vitest';
import type { Incoming } from '../ingest/encode.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { createGather } from './gather.ts';

/** What kafkajs hands to a handler, as far as the gathering looks at it; `done` tells what was resolved and committed, in order. */
function partition(
  n: number,
  offsets: number[],
  done: unknown[],
  heartbeat: () => Promise<void> = async () => undefined,
) {
  const messages = offsets.map((offset) => ({
    offset: String(offset),
    value: Buffer.from(JSON.stringify({ v: 1, kind: 'event', row: { n, offset } })),
  }));
  return {
    batch: { partition: n, messages, lastOffset: () => String(offsets.at(-1)) },
    heartbeat,
    commitOffsetsIfNecessary: async (offsetsOf: unknown) => void done.push(offsetsOf),
    resolveOffset: (offset: string) => void done.push(`${n}/${offset}`),
  } as unknown as EachBatchPayload;
}

const gatherWith = (ingest: Ingest, signal = new AbortController().signal) =>
  createGather({ topic: 't', ingest, heartbeatMs: 2, signal });

test('the partitions of one fetch are one insert and one commit, and the commit comes after the insert', async () => {
  const done: unknown[] = [];
  const ingest = vi.fn(async (rows: readonly Incoming[]) => void done.push(rows.length));
  const gather = gatherWith(ingest);
  await Promise.all([gather(partition(0, [5, 6], done)), gather(partition(3, [9], done))]);
  const partitions = [
    { partition: 0, offset: '7' },
    { partition: 3, offset: '10' },
  ];
  expect(done).toEqual([3, { topics: [{ topic: 't', partitions }] }, '0/6', '3/9']);
  await gather(partition(0, [7], done));
  expect(ingest).toHaveBeenCalledTimes(2);
});

test('nothing is committed when the insert fails', async () => {
  const done: unknown[] = [];
  const gather = gatherWith(async () => {
    throw new Error('no');
  });
  const both = await Promise.allSettled([gather(partition(0, [1], done)), gather(partition(1, [1], done))]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(done).toEqual([]);
});

test('an insert that waits heartbeats, and is left when the group deals anew', async () => {
  const done: unknown[] = [];
  let beats = 0;
  const aborted = Promise.withResolvers<void>();
  const gather = gatherWith((_, signal) => {
    signal.addEventListener('abort', () => aborted.resolve());
    return new Promise(() => undefined); // ClickHouse is away
  });
  const heartbeat = async (): Promise<void> => {
    beats += 1;
    if (beats === 3) throw new Error('the group is rebalancing');
  };
  await expect(gather(partition(0, [1], done, heartbeat))).rejects.toThrow('the group is rebalancing');
  await aborted.promise;
  expect(beats).toBe(3);
  expect(done).toEqual([]);
});

test('an insert is left when the reader stops', async () => {
  const stopping = new AbortController();
  const gather = gatherWith(
    (_, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    stopping.signal,
  );
  const waiting = gather(partition(0, [1], []));
  setImmediate(() => stopping.abort(new Error('stopping')));
  await expect(waiting).rejects.toThrow('stopping');
});
