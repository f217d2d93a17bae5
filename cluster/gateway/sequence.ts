/** Which dispatches of one session are finished. */
export type Sequence = {
  /** A dispatch has arrived. Returns what to call, once, when it is finished: stored or found irrelevant. */
  begin(sequence: number): () => void;
  /** A dispatch that is finished as it arrives; the same as begin()() but without a closure. */
  pass(sequence: number): void;
  /** The low-water mark: every dispatch up to and including this number is finished. Never falls. */
  readonly durable: number;
  /** How many dispatches are not finished. */
  readonly open: number;
  /** Resolves when every dispatch that has arrived is finished. */
  finished(): Promise<void>;
};

/**
 * Follows one gateway session from the number `start`, up to which everything is finished. A RESUME from `durable` replays exactly what
 * was not stored. Numbers may repeat (replays), come slightly out of order (READY is emitted late) and have gaps.
 */
export function createSequence(start: number): Sequence {
  // Insertion order is nearly ascending, and what is old finishes first, so the lowest is found within the first few.
  const open = new Map<number, number>();
  let highest = start;
  let durable = start;
  const advance = (): void => {
    let low = highest;
    for (const sequence of open.keys()) if (sequence <= low) low = sequence - 1;
    if (low > durable) durable = low;
  };
  let isStale = false;
  let waiting: (() => void)[] = [];
  const finish = (sequence: number): void => {
    const copies = open.get(sequence);
    if (copies === undefined) return;
    if (copies > 1) open.set(sequence, copies - 1);
    else open.delete(sequence);
    isStale = true;
    if (open.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  return {
    begin(sequence) {
      // What is at or below the mark was finished before: a replay of it cannot make it unfinished.
      if (sequence <= durable) return () => undefined;
      if (sequence > highest) highest = sequence;
      open.set(sequence, (open.get(sequence) ?? 0) + 1);
      isStale = true;
      let isFinished = false;
      return () => {
        if (isFinished) return;
        isFinished = true;
        finish(sequence);
      };
    },
    pass(sequence) {
      if (sequence > highest) highest = sequence;
      isStale = true;
    },
    get durable() {
      if (isStale) {
        isStale = false;
        advance();
      }
      return durable;
    },
    get open() {
      return open.size;
    },
    finished: () =>
      open.size === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push(resolve);
          }),
  };
}
