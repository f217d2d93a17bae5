/** Remembers ids for a while. */
export type Replays = {
  /** Whether an id is new; from now on it is not. */
  isNew(id: string, now: number): boolean;
};

/**
 * Remembers ids for at least `forMs` and at most twice that: two sets, of which the older is dropped as a whole. It has no other bound:
 * only what Discord signed is remembered.
 */
export function createReplays(forMs: number): Replays {
  let young = new Set<string>();
  let old = new Set<string>();
  let turnedAt = Number.NEGATIVE_INFINITY;
  return {
    isNew(id, now) {
      if (now - turnedAt >= forMs) {
        old = now - turnedAt >= 2 * forMs ? new Set() : young;
        young = new Set();
        turnedAt = now;
      }
      if (young.has(id) || old.has(id)) return false;
      young.add(id);
      return true;
    },
  };
}
