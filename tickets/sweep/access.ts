import type { Ctx } from '../context.ts';
import { addReviewJob } from '../store/job.ts';
import { listOpenChannels } from '../store/room.ts';

/**
 * Queues the open tickets of a server, behind what people wait for: after a change of staff or settings others may see them. The reconciler writes only those that are. Answers how many; repeated, it queues the same.
 */
export async function reviewAccess(ctx: Ctx, guildId: string, o: { batch: number }): Promise<number> {
  let count = 0;
  for (let after = 0; ; ) {
    const ids = await listOpenChannels(ctx.db, guildId, { after, limit: o.batch });
    // One by one: a transaction that held many jobs' rows would stand in the way of the changes of those tickets.
    for (const id of ids) await addReviewJob(ctx.db, guildId, id);
    count += ids.length;
    after = ids.at(-1) ?? after;
    if (ids.length < o.batch) return count;
  }
}
