import type { Consumer, Kafka } from 'kafkajs';
import type { Log } from '#runtime/log.ts';
import { waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { createGather } from './gather.ts';
import { groupOf } from './kafka.ts';

/** Takes Kafka's rows into ClickHouse. */
export type Reader = {
  /** Throws while this process is not a member of the group that reads. */
  check(): void;
  /** Leaves the group; what was not stored is read again by whoever takes over. */
  stop(): Promise<void>;
};

type Options = {
  kafka: Kafka;
  topic: string;
  partitions: number;
  ingest: Ingest;
  log: Log;
};

const retryMs = { min: 500, max: 10_000 };
const stopWithinMs = 5_000;
// A member that answers nothing for so long has its partitions given to others; heartbeats come every 3 s.
const sessionTimeout = 10_000;
const rebalanceTimeout = 30_000;
const heartbeatInterval = 3_000;
// A fetch ends within 10.5 s, and a member of the group heartbeats even when there is nothing to fetch: longer silence is a client that hangs.
const silenceMs = 60_000;

/**
 * Reads the topic as one of a group until stopped: at least once, an offset is committed after ClickHouse has the rows. kafkajs gives up on some
 * errors for good; here nothing does: what ended is told and begun again, after 0.5 to 10 s.
 */
export function startReader(o: Options): Reader {
  const stopping = new AbortController();
  const state: State = { failure: new Error('it has not joined its group yet'), isMember: false };
  const running = readForEver(o, state, stopping.signal);
  return {
    check() {
      if (!state.isMember) throw new Error(`nothing is read from Kafka: ${state.failure.message}`);
    },
    async stop() {
      stopping.abort(new Error('stopping'));
      await running;
    },
  };
}

type State = { failure: Error; isMember: boolean };

async function readForEver(o: Options, state: State, signal: AbortSignal): Promise<void> {
  let wait = retryMs.min;
  while (!signal.aborted) {
    const onJoin = (): void => {
      wait = retryMs.min;
    };
    await readOnce(o, state, signal, onJoin).catch((error: unknown) => (state.failure = error as Error));
    state.isMember = false;
    metrics.kafkaUp.set({ part: 'ingest' }, 0);
    if (signal.aborted) return;
    metrics.kafkaFailures.inc({ part: 'ingest' });
    o.log.warn({ err: state.failure, waitMs: wait }, 'kafka could not be read');
    await waitMs(wait, signal).catch(() => undefined); // only the signal ends it
    wait = Math.min(retryMs.max, wait * 2);
  }
}

/** Reads until the consumer ends, falls silent, or the signal is aborted. Throws why. */
async function readOnce(o: Options, state: State, signal: AbortSignal, onJoin: () => void): Promise<void> {
  const leaving = new AbortController();
  const consumer = o.kafka.consumer({
    groupId: groupOf(o.topic),
    allowAutoTopicCreation: false,
    sessionTimeout,
    rebalanceTimeout,
    heartbeatInterval,
    // A fetch is a batch: this much (packed; about ten times as much in rows), or what there is after this long.
    minBytes: 32_768,
    maxBytes: 1_048_576,
    maxBytesPerPartition: 262_144,
    maxWaitTimeInMs: 400,
    retry: { retries: 5, initialRetryTime: 300, maxRetryTime: 5_000, restartOnFailure: async () => false },
  });
  const ended = watch(consumer, { ...o, state, onJoin, signal: leaving.signal });
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: leaving.signal });
  });
  const gather = createGather({
    topic: o.topic,
    ingest: o.ingest,
    heartbeatMs: heartbeatInterval,
    signal: leaving.signal,
  });
  const begin = async (): Promise<void> => {
    await consumer.connect();
    await consumer.subscribe({ topic: o.topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // All partitions of one fetch at once, so that they become one insert.
      partitionsConsumedConcurrently: o.partitions,
      eachBatch: gather,
    });
  };
  const begun = begin();
  // One that left while it was joining would stay a member until its session ends.
  const leave = async (): Promise<void> => {
    await begun.catch(() => undefined); // told below
    await consumer.disconnect();
  };
  try {
    await Promise.race([begun.then(() => ended), ended, aborted]);
  } finally {
    state.isMember = false;
    leaving.abort(new Error('leaving the group'));
    await Promise.race([leave(), waitMs(stopWithinMs)]).catch((err: unknown) =>
      o.log.debug({ err }, 'a consumer could not be closed'),
    );
  }
}

/** Rejects when the consumer has ended by itself or seems to hang; keeps the state and the metrics meanwhile. */
function watch(
  consumer: Consumer,
  o: { topic: string; state: State; log: Log; onJoin: () => void; signal: AbortSignal },
): Promise<never> {
  let heardAt = performance.now();
  const hear = (): void => {
    heardAt = performance.now();
  };
  consumer.on(consumer.events.HEARTBEAT, hear);
  consumer.on(consumer.events.FETCH, hear);
  consumer.on(consumer.events.REBALANCING, () => metrics.kafkaRebalances.inc());
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    hear();
    o.onJoin();
    o.state.isMember = true;
    metrics.kafkaUp.set({ part: 'ingest' }, 1);
    o.log.info({ partitions: payload.memberAssignment[o.topic]?.length ?? 0 }, 'joined the group that reads');
  });
  return new Promise<never>((_, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    const timer = setInterval(() => {
      if (performance.now() - heardAt > silenceMs) reject(new Error(`nothing was heard for ${silenceMs / 1_000} s`));
    }, 1_000);
    o.signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  });
}
