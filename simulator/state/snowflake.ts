// Discord's epoch: the first second of 2015.
const epoch = 1_420_070_400_000n;

/** Makes ids from the real clock, strictly increasing (also after a restart, given the last one). */
export function createSnowflakes(last = 0n) {
  let previous = last;
  return {
    next(): string {
      const fromClock = (BigInt(Date.now()) - epoch) << 22n;
      previous = fromClock > previous ? fromClock : previous + 1n;
      return previous.toString();
    },
    last: () => previous,
  };
}

/** When an id was made, in epoch milliseconds. */
export function timeOf(id: string): number {
  return Number((BigInt(id) >> 22n) + epoch);
}

/** Orders ids by age; ids differ in length only across years. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
