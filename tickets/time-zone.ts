import QuickLRU from 'quick-lru';

/** A stretch of time (ms, `end` not included) with one distance between UTC and the wall. */
export type Segment = { readonly start: number; readonly end: number; readonly offset: number };

const dayMs = 86_400_000;

/** A zone and a year take a few numbers; a year of every zone fits. */
const years = new QuickLRU<string, readonly Segment[]>({ maxSize: 2_000 });

/** How far the wall is ahead of UTC (ms), from what the zone's wall shows. */
function offsetsOf(timeZone: string): (at: number) => number {
  const wall = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const part: Record<string, number> = {};
    for (const { type, value } of wall.formatToParts(at)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
  };
}

/** The segments of a UTC year. No zone has changed twice within a day, so a look each day finds every change; halving finds its moment. */
function yearOf(timeZone: string, year: number): readonly Segment[] {
  const key = `${timeZone}/${year}`;
  const known = years.get(key);
  if (known) return known;
  const offsetAt = offsetsOf(timeZone);
  const [from, to] = [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)];
  const segments: Segment[] = [];
  let start = from;
  let offset = offsetAt(from);
  for (let day = from; day < to; day += dayMs) {
    const after = offsetAt(day + dayMs);
    if (after === offset) continue;
    let [low, high] = [day, day + dayMs];
    // Zones change at whole seconds.
    while (high - low > 1_000) {
      const middle = Math.floor((low + high) / 2_000) * 1_000;
      if (offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    segments.push({ start, end: high, offset });
    start = high;
    offset = after;
  }
  if (start < to) segments.push({ start, end: to, offset });
  years.set(key, segments);
  return segments;
}

/** The segments of a zone between two times, in order. */
export function* segmentsOf(timeZone: string, from: number, to: number): Generator<Segment> {
  for (let year = new Date(from).getUTCFullYear(); Date.UTC(year, 0, 1) < to; year++) {
    for (const segment of yearOf(timeZone, year)) {
      const start = Math.max(from, segment.start);
      const end = Math.min(to, segment.end);
      if (start < end) yield { start, end, offset: segment.offset };
    }
  }
}

/** Whether a text is IANA's name of a time zone that this process knows; an offset such as +02:00 is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
