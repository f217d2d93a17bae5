const windowMs = 60_000;
const restartsPerWindow = 5;

/**
 * How patiently something that keeps ending is started again: each call counts one end and returns the milliseconds to wait
 * (0.1 s, three times as long each time, at most 5 s), or null at the fifth end within a minute: it will not mend itself.
 */
export function createRestartBudget(monotonicMs: () => number = () => performance.now()): () => number | null {
  let ends: number[] = [];
  return () => {
    const now = monotonicMs();
    ends = [...ends.filter((at) => at > now - windowMs), now];
    return ends.length >= restartsPerWindow ? null : Math.min(5_000, 100 * 3 ** (ends.length - 1));
  };
}
