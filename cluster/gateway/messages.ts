import type { Log } from '#runtime/log.ts';
import { retry } from '#runtime/retry.ts';

export type BatcherOptions<T> = {
  /** Stores a batch as a whole: once it returns, everything in it is durable. Must be idempotent. */
  record: (batch: T[]) => Promise<void>;
  /** Called after each stored batch. */
  onStored: () => void;
  /** How something that cannot be stored is named in the log: ids, never content. */
  describe: (item: T) => Record<string, unknown>;
  log: Log;
  flushMs?: number;
  max?: number;
  /** How many may wait; more close the gate. */
  maxPending?: number;
};

export type Batcher<T> = {
  /** Adds one; `done` is called when it is durable. */
  push(item: T, done: () => void): void;
  /** More is waiting than memory should hold: no more should be brought until `room` resolves. */
  readonly isFull: boolean;
  /** Resolves when less than half of `maxPending` waits. */
  room(): Promise<void>;
  /** Resolves when nothing waits. */
  drain(): Promise<void>;
  readonly pending: number;
};

// A backlog is stored in larger pieces: a set-based statement costs little more for them.
const backlogFactor = 5;

/**
 * Whether an error says that these very rows can never be stored (SQLSTATE 22 data exception, 23 integrity violation). Everything else, an
 * absent database or a missing table alike, is waited out: nothing is dropped.
 */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^2[23][0-9A-Z]{3}$/.test(code);
}

/** Collects what arrives for up to 100 ms or 200 items and stores it as one batch, one batch at a time, in order, for as long as it takes. */
export function createBatcher<T>(o: BatcherOptions<T>): Batcher<T> {
  const flushMs = o.flushMs ?? 100;
  const max = o.max ?? 200;
  const maxPending = o.maxPending ?? 20_000;
  const waiting: { item: T; done: () => void }[] = [];
  let storing = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let hasRoom: (() => void)[] = [];

  const store = async (batch: T[]): Promise<void> => {
    try {
      await retry(
        {
          attempts: Number.POSITIVE_INFINITY,
          minMs: 100,
          maxMs: 5_000,
          when: (error) => !isRefusal(error),
          onRetry: (err, attempt) => o.log.warn({ err, attempt, items: batch.length }, 'batch could not be stored yet'),
        },
        () => o.record(batch),
      );
    } catch (err) {
      const [only] = batch;
      if (batch.length > 1) {
        // One refused row must not hold up the others: halve until it stands alone.
        const middle = batch.length >> 1;
        await store(batch.slice(0, middle));
        await store(batch.slice(middle));
      } else if (only !== undefined) {
        o.log.error({ err, ...o.describe(only) }, 'the database refused an item for good; it was left out');
      }
    }
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, waiting.length > max ? max * backlogFactor : max);
      storing = batch.length;
      await store(batch.map(({ item }) => item));
      storing = 0;
      for (const { done } of batch) done();
      if (waiting.length < maxPending / 2) {
        const released = hasRoom;
        hasRoom = [];
        for (const release of released) release();
      }
      o.onStored();
      // Less than a full batch waits for company again.
      if (waiting.length < max && hasRoom.length === 0) break;
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running ??= run().finally(() => {
      running = undefined;
      if (waiting.length >= max)
        void flush(); // run() does not reject: store() waits errors out
      else if (waiting.length > 0) timer ??= setTimeout(() => void flush(), flushMs);
    });
    return running;
  };

  return {
    push(item, done) {
      waiting.push({ item, done });
      if (waiting.length >= max)
        void flush(); // see above
      else if (!running) timer ??= setTimeout(() => void flush(), flushMs);
    },
    get isFull() {
      return waiting.length + storing > maxPending;
    },
    room: () =>
      waiting.length + storing < maxPending / 2
        ? Promise.resolve()
        : new Promise((resolve) => {
            hasRoom.push(resolve);
          }),
    async drain() {
      while (waiting.length + storing > 0) await flush();
    },
    get pending() {
      return waiting.length + storing;
    },
  };
}
