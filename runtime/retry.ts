import { setTimeout as delay } from 'node:timers/promises';

/** Waits `ms`; an aborted signal ends the wait with its reason. */
export async function waitMs(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {});
}

/** How often and how patiently to try. */
export type RetryPolicy = {
  /** Tries in all; Infinity until the signal ends it. */
  attempts: number;
  minMs: number;
  maxMs: number;
  signal?: AbortSignal;
  /** Whether an error is worth another try; default: every one. */
  when?: (error: unknown) => boolean;
  onRetry?: (error: unknown, attempt: number) => void;
};

/**
 * Runs `work` until it succeeds, waiting between tries: doubling from minMs to maxMs, with jitter, so that a crowd does not return at once.
 * Throws the last error when tries are spent, and at once when `when` says no or the signal is aborted.
 */
export async function retry<T>(policy: RetryPolicy, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    policy.signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (attempt >= policy.attempts || policy.when?.(error) === false || policy.signal?.aborted) throw error;
      policy.onRetry?.(error, attempt);
      const ceiling = Math.min(policy.maxMs, policy.minMs * 2 ** Math.min(attempt - 1, 20));
      await waitMs(ceiling * (0.5 + Math.random() / 2), policy.signal);
    }
  }
}
