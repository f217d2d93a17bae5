/**
 * Office hours. Everything here follows from one sentence: a moment is open when the clock on the wall of the schedule's time zone says so. An hour
 * that daylight saving repeats counts twice, one that it skips not at all. Modelled minute by minute in schedule.test.ts.
 */
import type { OfficeClock } from './facts.ts';
import { secondsBetween } from './facts.ts';
import { segmentsOf } from './time-zone.ts';

/** Minutes of a weekday, Monday is 1. `to` at or before `from` means: until then on the next day. A whole day is 0 to 1440. */
export type OpenRange = { readonly day: number; readonly from: number; readonly to: number };

/**
 * A date on which the weekly hours do not hold: closed, or open from `from` to `to` only. What began the day before ends at midnight, and
 * what would begin on it and go past midnight does not.
 */
export type Holiday = { readonly date: string; readonly name: string; readonly from?: number; readonly to?: number };

/** What a schedule says. */
export type Hours = {
  /** IANA's name. */
  readonly timeZone: string;
  readonly hours: readonly OpenRange[];
  readonly holidays: readonly Holiday[];
};

/** A server's office hours under a name. `version` is raised by every change: the ETag. */
export type Schedule = {
  readonly id: number;
  readonly name: string;
  readonly version: number;
  readonly deletedAt: number | null;
  readonly versions: readonly ScheduleVersion[];
};

/** A schedule from `validFrom` (ms) until its next version; the first holds for the time before it too. */
export type ScheduleVersion = Hours & { readonly validFrom: number };

const minuteMs = 60_000;
const dayMs = 86_400_000;
const dayMinutes = 1_440;
/** Nobody waits longer for an opening: a schedule that has none within a year and its holidays has none. */
const horizonMs = 400 * dayMs;

type Span = readonly [from: number, to: number];

/** 1970-01-01, day 0, was a Thursday. */
const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;
const dayOf = (date: string): number => Math.floor(Date.parse(`${date}T00:00:00Z`) / dayMs);
const crosses = (range: OpenRange): boolean => range.to <= range.from;

/** Spans in order, those that touch or overlap as one: nothing counts twice. */
function merged(spans: readonly Span[]): Span[] {
  const result: [number, number][] = [];
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) result.push([from, to]);
  }
  return result;
}

const known = new WeakMap<Hours, (day: number) => readonly Span[]>();

/** The open minutes of a date on the wall, by its number of days since 1970. */
function wallDays(version: Hours): (day: number) => readonly Span[] {
  const before = known.get(version);
  if (before) return before;
  const days = wallDaysOf(version);
  known.set(version, days);
  return days;
}

function wallDaysOf(version: Hours): (day: number) => readonly Span[] {
  const holidays = new Map(version.holidays.map((holiday) => [dayOf(holiday.date), holiday]));
  const own = (day: number): Span[] =>
    version.hours.flatMap((range): Span[] =>
      range.day === weekdayOf(day) ? [[range.from, crosses(range) ? dayMinutes : range.to]] : [],
    );
  const fromBefore = (day: number): Span[] =>
    version.hours.flatMap((range): Span[] =>
      range.day === weekdayOf(day - 1) && crosses(range) ? [[0, range.to]] : [],
    );
  const weekly = [0, 1, 2, 3, 4, 5, 6].map((day) => merged([...own(day), ...fromBefore(day)]));
  return (day) => {
    const holiday = holidays.get(day);
    if (holiday) return merged([[holiday.from ?? 0, holiday.to ?? 0]]);
    if (holidays.has(day - 1)) return merged(own(day));
    return weekly[((day % 7) + 7) % 7] ?? [];
  };
}

/** The version that holds at a moment. */
export function versionAt(versions: readonly ScheduleVersion[], at: number): ScheduleVersion {
  const ordered = versions.toSorted((a, b) => a.validFrom - b.validFrom);
  const version = ordered.findLast((one) => one.validFrom <= at) ?? ordered[0];
  if (!version) throw new Error('a schedule without a version');
  return version;
}

/** The versions with the times that they hold, those that another replaced at once left out. */
function* inForce(versions: readonly ScheduleVersion[], from: number, to: number) {
  const ordered = versions.toSorted((a, b) => a.validFrom - b.validFrom);
  for (const [index, version] of ordered.entries()) {
    const since = index === 0 ? from : Math.max(from, version.validFrom);
    const until = Math.min(to, ordered[index + 1]?.validFrom ?? to);
    if (since < until) yield { version, since, until };
  }
}

/** When it is open between two times, in order: a step per day, not per second. */
function* openSpans(versions: readonly ScheduleVersion[], from: number, to: number): Generator<Span> {
  for (const { version, since, until } of inForce(versions, from, to)) {
    const spansOf = wallDays(version);
    for (const { start, end, offset } of segmentsOf(version.timeZone, since, until)) {
      const [first, last] = [start + offset, end + offset];
      for (let day = Math.floor(first / dayMs); day * dayMs < last; day++) {
        for (const [a, b] of spansOf(day)) {
          const opens = Math.max(first, day * dayMs + a * minuteMs);
          const closes = Math.min(last, day * dayMs + b * minuteMs);
          if (opens < closes) yield [opens - offset, closes - offset];
        }
      }
    }
  }
}

/** Counts whole seconds inside the hours of a schedule; without a version by the calendar. */
export function officeSeconds(versions: readonly ScheduleVersion[]): OfficeClock {
  if (versions.length === 0) return secondsBetween;
  return (from, to) => {
    let ms = 0;
    for (const [opens, closes] of openSpans(versions, from, to)) ms += closes - opens;
    return Math.floor(ms / 1_000);
  };
}

/** Whether it is open at a moment (ms); without a version always. */
export function isOpenAt(versions: readonly ScheduleVersion[], at: number): boolean {
  return versions.length === 0 || !openSpans(versions, at, at + 1).next().done;
}

/** The first open moment from `at` on (ms), which is `at` itself when it is open; null when none comes within a year. */
export function nextOpening(versions: readonly ScheduleVersion[], at: number): number | null {
  if (versions.length === 0) return at;
  const next = openSpans(versions, at, at + horizonMs).next();
  return next.done ? null : next.value[0];
}
