import type { JobHelpers } from 'graphile-worker';
import { retryAfterMsOf } from '#discord/rest.ts';

/**
 * Runs a job's work; a moment (ms) that it answers, and "not now" of Discord's limits, become a later run of the same job, so that no worker sleeps
 * (design.md 4). Any other error is the queue's to try again.
 */
export async function paced(
  o: { task: string; queue: string; payload: object; helpers: JobHelpers },
  work: () => Promise<number | null | void>,
): Promise<void> {
  let comeBackAt: number | null = null;
  try {
    comeBackAt = (await work()) ?? null;
  } catch (error) {
    const afterMs = retryAfterMsOf(error);
    if (afterMs === null) throw error;
    comeBackAt = Date.now() + afterMs;
  }
  if (comeBackAt === null) return;
  // A change that came during this run has queued a job of its own: that one keeps its time.
  await o.helpers.addJob(o.task, o.payload, {
    queueName: o.queue,
    jobKey: o.queue,
    jobKeyMode: 'preserve_run_at' as const,
    runAt: new Date(comeBackAt),
    priority: o.helpers.job.priority,
  });
}
