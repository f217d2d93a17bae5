import type { EachBatchPayload } from 'kafkajs';
import { metrics } from '#runtime/telemetry.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { fromMessage } from './message.ts';

/** What a partition gave in one fetch. */
type Share = { readonly payload: EachBatchPayload; readonly settled: PromiseWithResolvers<void> };

/**
 * Makes the handler of batches: all partitions of one fetch become one insert and one commit, else each of 24 partitions would make parts of its
 * own in ClickHouse. Heartbeats go on while an insert waits. When the group rebalances, the rows are left to whoever gets the partitions: the
 * insert under way may still succeed, and the same rows come again.
 */
export function createGather(o: { topic: string; ingest: Ingest; heartbeatMs: number; signal: AbortSignal }) {
  let shares: Share[] = [];
  const flush = async (): Promise<void> => {
    const mine = shares;
    shares = [];
    try {
      await store(o, mine);
      for (const share of mine) share.settled.resolve();
    } catch (error) {
      for (const share of mine) share.settled.reject(error);
    }
  };
  /** Resolves when the batch's rows are stored and its offset is committed. */
  return (payload: EachBatchPayload): Promise<void> => {
    const settled = Promise.withResolvers<void>();
    shares.push({ payload, settled });
    // kafkajs hands out the partitions of a fetch one after the other without waiting in between.
    if (shares.length === 1) setImmediate(() => void flush()); // it settles every share, and throws nothing
    return settled.promise;
  };
}

async function store(
  o: { topic: string; ingest: Ingest; heartbeatMs: number; signal: AbortSignal },
  shares: readonly Share[],
): Promise<void> {
  const [first] = shares;
  if (!first) return;
  const rows = shares.flatMap(({ payload }) => payload.batch.messages.map((message) => fromMessage(message.value)));

  const lost = new AbortController();
  const expelled = Promise.withResolvers<never>();
  expelled.promise.catch(() => undefined); // it may come when nobody waits any more
  const beat = setInterval(() => {
    first.payload.heartbeat().catch((error: unknown) => {
      lost.abort(error);
      expelled.reject(error);
    });
  }, o.heartbeatMs);
  try {
    const storing = o.ingest(rows, AbortSignal.any([o.signal, lost.signal]));
    storing.catch(() => undefined); // when nobody waits any more
    await Promise.race([storing, expelled.promise]);
    const partitions = shares.map(({ payload: { batch } }) => ({
      partition: batch.partition,
      offset: String(BigInt(batch.lastOffset()) + 1n),
    }));
    // By the group's own connection, which refuses a member that the group no longer knows.
    await first.payload.commitOffsetsIfNecessary({ topics: [{ topic: o.topic, partitions }] });
  } finally {
    clearInterval(beat);
  }
  for (const { payload } of shares) payload.resolveOffset(payload.batch.messages.at(-1)?.offset ?? '');
  metrics.kafkaConsumed.inc(rows.length);
}
