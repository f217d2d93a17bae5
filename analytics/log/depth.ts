import type { Log } from '#runtime/log.ts';
import type { Db } from '#runtime/postgres.ts';
import { waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import { outboxDepth } from '#tickets/store/fleet/outbox.ts';

const everyMs = 5_000;
// Counting a long outbox takes a while; it is idle for twenty times as long.
const restFactor = 20;

/**
 * Keeps the metric of the outbox's depth until stopped, whoever drains and whether anybody does: a drain that hangs, or a process that has lost
 * the outbox to another, must not go on telling the depth of before.
 */
export function watchOutbox(o: { db: Db; log: Log }): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const started = performance.now();
      await outboxDepth(o.db).then(
        (rows) => metrics.outboxDepth.set(rows),
        (err: unknown) => o.log.info({ err }, 'outbox could not be counted'), // whoever drains says that Postgres is away
      );
      const rest = Math.max(everyMs, restFactor * (performance.now() - started));
      await waitMs(rest, signal).catch(() => undefined); // only the signal ends it
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
