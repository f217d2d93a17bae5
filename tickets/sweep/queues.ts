import { retry } from '#runtime/retry.ts';
import type { Ctx } from '../context.ts';
import { removeEmptyQueues } from '../store/fleet/job-queue.ts';

// A thousand take some milliseconds, in which no job can be added.
const pace = 1_000;
// What an hour leaves: one queue for each ticket and panel message that changed. More than this many is a backlog for the next time.
const batches = 100;

/** Whether somebody held what had to be locked: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const isLockTimeout = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '55P03';

/**
 * Removes the job queues of tickets that need nothing any more: each ticket has a queue of its own, and the library never removes one.
 * Returns how many. Several workers may do this at once.
 */
export async function collectQueues(ctx: Ctx, input: { signal?: AbortSignal; pace?: number } = {}): Promise<number> {
  const limit = input.pace ?? pace;
  const policy = {
    attempts: 5,
    minMs: 500,
    maxMs: 5_000,
    when: isLockTimeout,
    ...(input.signal && { signal: input.signal }),
  };
  let removed = 0;
  for (let batch = 0; batch < batches && !input.signal?.aborted; batch += 1) {
    const count = await retry(policy, () => ctx.db.transaction((db) => removeEmptyQueues(db, { limit })));
    removed += count;
    if (count < limit) break;
  }
  if (removed > 0) ctx.log.info({ removed }, 'empty job queues removed');
  return removed;
}
