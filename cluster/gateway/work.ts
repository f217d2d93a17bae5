import type { Log } from '#runtime/log.ts';
import { retry } from '#runtime/retry.ts';

/** Small pieces of work that must be done, however long the database is away. */
export type WorkQueue = {
  /** Adds a piece; `done` is called when it has been done. */
  push(name: string, work: () => Promise<void>, done: () => void): void;
  drain(): Promise<void>;
  readonly pending: number;
};

/** A queue that does `width` pieces at a time, each until it succeeds or `isFinal` says that it never will. */
export function createWorkQueue(o: { width: number; isFinal: (error: unknown) => boolean; log: Log }): WorkQueue {
  const waiting: { name: string; work: () => Promise<void>; done: () => void }[] = [];
  let active = 0;
  let idle: (() => void)[] = [];

  const next = (): void => {
    while (active < o.width) {
      const piece = waiting.shift();
      if (!piece) break;
      active += 1;
      const policy = {
        attempts: Number.POSITIVE_INFINITY,
        minMs: 200,
        maxMs: 10_000,
        when: (error: unknown) => !o.isFinal(error),
        onRetry: (err: unknown, attempt: number) =>
          o.log.warn({ err, attempt, work: piece.name }, 'work is tried again'),
      };
      retry(policy, piece.work)
        .catch((err: unknown) => o.log.error({ err, work: piece.name }, 'work failed for good'))
        .finally(() => {
          active -= 1;
          piece.done();
          next();
        });
    }
    if (active === 0 && waiting.length === 0) {
      for (const resolve of idle) resolve();
      idle = [];
    }
  };

  return {
    push(name, work, done) {
      waiting.push({ name, work, done });
      next();
    },
    drain: () =>
      active + waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            idle.push(resolve);
          }),
    get pending() {
      return active + waiting.length;
    },
  };
}
