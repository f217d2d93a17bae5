import type { World } from '../state/world.ts';

export type IdentifyGate = ReturnType<typeof createIdentifyGate>;

/** Discord's pace of IDENTIFYs: one per bucket (`shard_id % max_concurrency`) in five seconds. */
export function createIdentifyGate(world: World) {
  const lastAt = new Map<number, number>();
  return {
    mayIdentify(shardId: number): boolean {
      const bucket = shardId % world.limits.maxConcurrency;
      const now = Date.now();
      // Clients wait exactly five seconds; a little less passes, as it does at Discord.
      if (now - (lastAt.get(bucket) ?? 0) < world.limits.identifyWindowMs * 0.95) return false;
      lastAt.set(bucket, now);
      return true;
    },
  };
}
