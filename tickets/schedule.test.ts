import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Hours, isOpenAt, nextOpening, officeSeconds, type ScheduleVersion } from './schedule.ts';
import { isTimeZone } from './time-zone.ts';

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe', // half an hour of daylight saving
  'Pacific/Apia',
  'Africa/Casablanca', // leaves daylight saving for Ramadan
  'America/St_Johns',
];
const minute = 60_000;

/** What the wall shows, asked of Intl for each minute anew: slow, and nothing shared with the code under test. */
function wall(timeZone: string): (at: number) => { date: string; before: string; day: number; minute: number } {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  return (at) => {
    const [date = '', time = ''] = format.format(at).split(' ');
    const noon = Date.parse(`${date}T12:00:00Z`);
    const [h = 0, m = 0] = time.split(':').map(Number);
    const before = new Date(noon - 86_400_000).toISOString().slice(0, 10);
    return { date, before, day: new Date(noon).getUTCDay() || 7, minute: h * 60 + m };
  };
}

function modelOf(versions: readonly ScheduleVersion[]): (at: number) => boolean {
  const ordered = versions.toSorted((a, b) => a.validFrom - b.validFrom);
  const walls = new Map(versions.map(({ timeZone }) => [timeZone, wall(timeZone)]));
  return (at) => {
    const version = ordered.findLast((one) => one.validFrom <= at) ?? ordered[0];
    const now = version && walls.get(version.timeZone)?.(at);
    if (!version || !now) return true;
    const isHoliday = (date: string) => version.holidays.find((one) => one.date === date);
    const holiday = isHoliday(now.date);
    if (holiday) return now.minute >= (holiday.from ?? 0) && now.minute < (holiday.to ?? 0);
    return version.hours.some((range) => {
      const isToday = range.day === now.day;
      if (range.from < range.to) return isToday && now.minute >= range.from && now.minute < range.to;
      const isFromBefore = range.day === (now.day === 1 ? 7 : now.day - 1) && !isHoliday(now.before);
      return (isToday && now.minute >= range.from) || (isFromBefore && now.minute < range.to);
    });
  };
}

const start = Date.UTC(2026, 0, 1);
const anyMinute = fc.integer({ min: 0, max: 1_439 });
const range = fc
  .record({ day: fc.integer({ min: 1, max: 7 }), from: anyMinute, to: fc.integer({ min: 0, max: 1_440 }) })
  .filter((one) => one.from !== one.to);
// Dates around changes of daylight saving come up often.
const date = fc.oneof(
  fc.constantFrom('2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-05', '2026-02-15', '2026-03-22'),
  fc.integer({ min: 0, max: 364 }).map((day) => new Date(start + day * 86_400_000).toISOString().slice(0, 10)),
);
const holiday = fc.oneof(
  date.map((on) => ({ date: on, name: 'closed' })),
  fc
    .tuple(date, anyMinute, anyMinute)
    .map(([on, a, b]) => ({ date: on, name: 'short', from: Math.min(a, b), to: Math.max(a, b) })),
);
const hours: fc.Arbitrary<Hours> = fc.record({
  timeZone: fc.constantFrom(...zones),
  hours: fc.array(range, { maxLength: 8 }),
  holidays: fc.uniqueArray(holiday, { maxLength: 4, selector: (one) => one.date }),
});
const moment = date.chain((on) =>
  fc.integer({ min: -1_440, max: 2_880 }).map((minutes) => Date.parse(`${on}T00:00:00Z`) + minutes * minute),
);
const versions = fc
  .uniqueArray(moment, { minLength: 1, maxLength: 3 })
  .chain((times) => fc.tuple(...times.map((validFrom) => hours.map((one) => ({ ...one, validFrom })))));

describe('a schedule against a model that looks at every minute', () => {
  test('counts the same seconds', () => {
    fc.assert(
      fc.property(versions, moment, fc.integer({ min: 0, max: 4 * 1_440 }), (all, from, minutes) => {
        const isOpen = modelOf(all);
        let expected = 0;
        for (let at = from; at < from + minutes * minute; at += minute) expected += isOpen(at) ? 60 : 0;
        expect(officeSeconds(all)(from, from + minutes * minute)).toBe(expected);
      }),
      { numRuns: 400 },
    );
  });

  test('is open at the same moments, and opens next when the model first does', () => {
    fc.assert(
      fc.property(versions, moment, (all, at) => {
        const isOpen = modelOf(all);
        expect(isOpenAt(all, at + 59_999)).toBe(isOpen(at));
        const next = nextOpening(all, at);
        let expected: number | null = null;
        for (let t = at; t < at + 3 * 1_440 * minute && expected === null; t += minute) if (isOpen(t)) expected = t;
        if (expected !== null) expect(next).toBe(expected);
        else if (next !== null) expect(next).toBeGreaterThanOrEqual(at + 3 * 1_440 * minute);
      }),
      { numRuns: 300 },
    );
  });

  test('parts of a time add up to it, whichever moment it is cut at', () => {
    fc.assert(
      fc.property(versions, moment, fc.nat(400 * 86_400), fc.nat(400 * 86_400), (all, from, a, b) => {
        const count = officeSeconds(all);
        const [middle, end] = [from + a * 1_000, from + (a + b) * 1_000];
        expect(count(from, middle) + count(middle, end)).toBe(count(from, end));
      }),
    );
  });
});

const weekdays = [1, 2, 3, 4, 5].map((day) => ({ day, from: 540, to: 1_020 }));
const berlin = (part: Partial<ScheduleVersion> = {}): ScheduleVersion => ({
  timeZone: 'Europe/Berlin',
  hours: weekdays,
  holidays: [],
  validFrom: 0,
  ...part,
});
const at = (text: string): number => Date.parse(text);

test('a wait over a weekend counts Friday afternoon and Monday morning', () => {
  const count = officeSeconds([berlin()]);
  expect(count(at('2026-06-05T16:30:00+02:00'), at('2026-06-08T09:10:00+02:00'))).toBe(40 * 60);
  expect(count(at('2026-06-06T10:00:00+02:00'), at('2026-06-07T10:00:00+02:00'))).toBe(0);
});

test('a whole Sunday has 23 hours when clocks go forward and 25 when they go back', () => {
  const count = officeSeconds([berlin({ hours: [{ day: 7, from: 0, to: 1_440 }] })]);
  expect(count(at('2026-03-28T00:00:00Z'), at('2026-03-31T00:00:00Z'))).toBe(23 * 3_600);
  expect(count(at('2026-10-24T00:00:00Z'), at('2026-10-27T00:00:00Z'))).toBe(25 * 3_600);
});

test('seconds are whole, and never below 0', () => {
  const count = officeSeconds([berlin()]);
  expect(count(at('2026-06-05T10:00:00.900Z'), at('2026-06-05T10:00:02.800Z'))).toBe(1);
  expect(count(at('2026-06-05T11:00:00Z'), at('2026-06-05T10:00:00Z'))).toBe(0);
});

test('each version counts for its own time', () => {
  const later = berlin({ hours: [{ day: 5, from: 0, to: 1_440 }], validFrom: at('2026-06-05T12:00:00+02:00') });
  const count = officeSeconds([later, berlin()]);
  expect(count(at('2026-06-05T08:00:00+02:00'), at('2026-06-05T18:00:00+02:00'))).toBe(9 * 3_600);
});

test('a schedule that never opens has no next opening; none at all is always open', () => {
  expect(nextOpening([berlin({ hours: [] })], at('2026-06-05T10:00:00Z'))).toBeNull();
  expect(isOpenAt([], 0)).toBe(true);
  expect(officeSeconds([])(0, 5_000)).toBe(5);
});

test('time zones go by their names', () => {
  expect(['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'].filter(isTimeZone)).toHaveLength(4);
  expect(['+02:00', 'Berlin', 'Mars/Olympus', '', 'Europe/Berlin;'].filter(isTimeZone)).toEqual([]);
});
