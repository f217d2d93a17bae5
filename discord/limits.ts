import type { Log } from '#runtime/log.ts';
import { waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';

/** Who goes first when Discord's requests per second are scarce: what people wait for, then what happens by itself, then reading what was missed, then panels. */
export type Priority = 'tickets' | 'timers' | 'gap-fill' | 'panels';

/**
 * Slots of the token's shared row: `granted` of them, the first in `waitMs` (negative: already), then one each `stepMs`. None: try again then.
 * `isBroken`: the breaker is open, so nobody gets any until then.
 */
export type Lease = { granted: number; waitMs: number; stepMs: number; isBroken: boolean };

/** The row that all processes of one token share (tickets/store/fleet/rest-lease.ts). */
export type SharedLimit = {
  /** Reserves slots, unless the first would come later than in `maxWaitMs` or the token is blocked. */
  take(request: { count: number; maxWaitMs: number }): Promise<Lease>;
  /** Counts a 401, 403 or 429; the row blocks everybody before Discord would ban the address (10,000 in 10 minutes). */
  noteInvalid(): Promise<void>;
  /** Nobody may send anything for so long: Discord's global limit was hit all the same. */
  noteGlobal(forMs: number): Promise<void>;
};

/** Hands out permission to send one request. */
export type Limiter = {
  /** Resolves when a request may be sent. Throws LimitedError when that would take more than 3 s. */
  acquire(priority: Priority): Promise<void>;
  noteInvalid(): void;
  noteGlobal(forMs: number): void;
};

/** A request would have to wait for more than 3 s: whoever sends it comes back after `retryAfterMs` instead of sleeping. */
export class LimitedError extends Error {
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super(`Discord's limit is spent for ${Math.ceil(retryAfterMs)} ms`);
    this.name = 'LimitedError';
    this.retryAfterMs = retryAfterMs;
  }
}

/** Longer waits are rescheduled, never slept (design.md 4). */
export const maxWaitMs = 3_000;

// How far into the future a priority may reserve: the lower it is, the sooner it gives way to what others have reserved.
const horizonMs: Record<Priority, number> = { tickets: maxWaitMs, timers: 1_000, 'gap-fill': 300, panels: 100 };
const order: readonly Priority[] = ['tickets', 'timers', 'gap-fill', 'panels'];
const maxBatch = 10;
// While Postgres is silent every process paces itself: far below 50 per second for any sensible number of processes.
const withoutRow: Lease = { granted: 1, waitMs: 0, stepMs: 0, isBroken: false };
const paceWithoutRowMs = 100;
const rowAnswersWithinMs = 1_000;

type Waiter = { resolve: () => void; reject: (error: LimitedError) => void; since: number };

/** Shows the breaker as the leases tell of it: in a metric, and in one line when it opens and when it closes. */
function watchBreaker(log: Log): (lease: Lease) => void {
  let closing: NodeJS.Timeout | undefined;
  const close = (): void => {
    clearTimeout(closing);
    closing = undefined;
    metrics.restBreaker.set(0);
    log.info('requests to Discord go on');
  };
  return ({ isBroken, waitMs: forMs }) => {
    if (isBroken && !closing) {
      metrics.restBreaker.set(1);
      log.error({ forMs }, 'too many requests were refused: Discord is asked nothing, else it would ban this address');
      closing = setTimeout(close, forMs).unref(); // whoever comes next sees whether it is true
    } else if (!isBroken && closing) close();
  };
}

/** A limiter for one process on the token's shared row. One statement serves all requests that wait at that moment. */
export function createLimiter(o: { shared: SharedLimit; log: Log }): Limiter {
  const waiting: Record<Priority, Waiter[]> = { tickets: [], timers: [], 'gap-fill': [], panels: [] };
  let isPumping = false;
  const look = watchBreaker(o.log);
  const grant = (priority: Priority, waiter: Waiter): void => {
    metrics.restWait.observe({ priority }, (performance.now() - waiter.since) / 1_000);
    waiter.resolve();
  };

  const take = async (priority: Priority, count: number): Promise<Lease> => {
    const timeout = new AbortController();
    const late = waitMs(rowAnswersWithinMs, timeout.signal).then(() => Promise.reject(new Error('no answer')));
    try {
      return await Promise.race([o.shared.take({ count, maxWaitMs: horizonMs[priority] }), late]);
    } catch (err) {
      o.log.warn({ err }, 'shared limit of Discord could not be read; pacing alone');
      await waitMs(paceWithoutRowMs);
      return withoutRow;
    } finally {
      timeout.abort();
      late.catch(() => undefined); // ended above
    }
  };

  const pump = async (): Promise<void> => {
    for (;;) {
      const priority = order.find((one) => waiting[one].length > 0);
      if (!priority) return;
      const queue = waiting[priority];
      const lease = await take(priority, Math.min(maxBatch, queue.length));
      look(lease);
      queue.splice(0, lease.granted).forEach((waiter, i) => {
        const inMs = lease.waitMs + i * lease.stepMs;
        if (inMs < 1) grant(priority, waiter);
        else setTimeout(() => grant(priority, waiter), inMs);
      });
      if (lease.granted > 0) continue;
      const now = performance.now();
      for (const waiter of queue.filter((one) => now - one.since + lease.waitMs > maxWaitMs)) {
        queue.splice(queue.indexOf(waiter), 1);
        metrics.restPutOff.inc({ priority, reason: lease.isBroken ? 'breaker' : 'limit' });
        waiter.reject(new LimitedError(lease.waitMs));
      }
      if (queue.length > 0) await waitMs(Math.min(lease.waitMs, paceWithoutRowMs));
    }
  };

  return {
    acquire: (priority) =>
      new Promise((resolve, reject) => {
        waiting[priority].push({ resolve, reject, since: performance.now() });
        if (isPumping) return;
        isPumping = true;
        void pump().finally(() => {
          isPumping = false;
        }); // pump() throws nothing: take() answers every error
      }),
    noteInvalid: () =>
      void o.shared.noteInvalid().catch((err: unknown) => {
        o.log.warn({ err }, 'invalid request could not be counted');
      }), // counting must not delay the answer
    noteGlobal: (forMs) =>
      void o.shared.noteGlobal(forMs).catch((err: unknown) => {
        o.log.warn({ err }, 'the global limit could not be shared');
      }), // as above
  };
}
