/** Weekly hours as people write and read them: `mon-fri 09:00-17:00, sat 10:00-12:00`. What is written here can be read here. */
import { invalid } from './bounds.ts';
import type { OpenRange } from './schedule.ts';

const english = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const groups: Readonly<Record<string, readonly number[]>> = {
  daily: [1, 2, 3, 4, 5, 6, 7],
  everyday: [1, 2, 3, 4, 5, 6, 7],
  weekdays: [1, 2, 3, 4, 5],
  weekend: [6, 7],
};
const example = 'hours such as mon-fri 09:00-17:00, sat 10:00-12:00';
/** Nothing that separates days and times stands in the name of a day. */
const isPlain = (name: string): boolean => !/[\s\d,;/-]/.test(name);

const nameIn = (locale: string, weekday: 'short' | 'long', day: number): string =>
  // 1970-01-05 was a Monday.
  new Intl.DateTimeFormat(locale, { weekday, timeZone: 'UTC' })
    .format(Date.UTC(1970, 0, 4 + day))
    .toLocaleLowerCase(locale)
    .replace(/\.$/, '');

const week = [1, 2, 3, 4, 5, 6, 7];

/** Days by the names that a reader of this language uses, English ones too; `fri`, `frid`, `friday`. */
function daysByName(locale: string): (name: string) => number | undefined {
  const names = new Map<string, number>();
  for (const width of ['long', 'short'] as const) for (const day of week) names.set(nameIn(locale, width, day), day);
  return (given) => {
    const name = given.toLocaleLowerCase(locale).replace(/\.$/, '');
    const day = names.get(name);
    if (day !== undefined) return day;
    const i = english.findIndex((one) => name.length >= 2 && one.startsWith(name));
    return i < 0 ? undefined : i + 1;
  };
}

function daysIn(words: string, dayOf: (name: string) => number | undefined): number[] {
  return words.split(/[\s/&+]+/).flatMap((word) => {
    const group = groups[word.toLowerCase()];
    if (group) return group;
    const [first = '', last, ...more] = word.split('-');
    const from = dayOf(first);
    const to = last === undefined ? from : dayOf(last);
    if (from === undefined || to === undefined || more.length > 0)
      throw invalid('hours', `${example}; ‘${word}’ is no day`);
    // fri-mon goes over the end of the week.
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, i) => ((from - 1 + i) % 7) + 1);
  });
}

const time = String.raw`(\d{1,2})(?:[:.h](\d{2}))?\s*([ap])?\.?(?:m\.?)?`;
const span = new RegExp(`^${time}\\s*-\\s*${time}$`, 'i');

function minutesOf(hour: string | undefined, minute: string | undefined, half: string | undefined): number {
  const h = Number(hour);
  const m = Number(minute ?? 0);
  if (half === undefined) return h * 60 + m;
  return h < 1 || h > 12 ? Number.NaN : ((h % 12) + (half.toLowerCase() === 'p' ? 12 : 0)) * 60 + m;
}

/** The minutes of `09:00-17:00`, `9-17`, `9am-5pm` or `24h`. Throws AppError input.invalid {field, fix}. */
export function parseSpan(text: string, field: string): { from: number; to: number } {
  const wrong = invalid(field, `times such as 09:00-17:00; ‘${text.slice(0, 30)}’ is none`);
  if (/^24\s*h?$/i.test(text)) return { from: 0, to: 1_440 };
  const found = span.exec(text.replaceAll(/[–—]/g, '-'));
  if (!found) throw wrong;
  const [, h1, m1, half1, h2, m2, half2] = found;
  const from = minutesOf(h1, m1, half1);
  const to = minutesOf(h2, m2, half2);
  const isTime = (minutes: number, minute: string | undefined) => minutes <= 1_440 && Number(minute ?? 0) < 60;
  if (!isTime(from, m1) || !isTime(to, m2) || from === 1_440 || from === to) throw wrong;
  return { from, to };
}

/**
 * Reads weekly hours. A day may come several times; a day that does not come is closed. Times that end before they begin end on the next day.
 * @throws AppError input.invalid {field: hours, fix}
 */
export function parseHours(text: string, locale: string): OpenRange[] {
  const dayOf = daysByName(locale);
  const ranges = new Map<string, OpenRange>();
  let days: number[] = [];
  for (const part of text
    .replaceAll(/[–—]/g, '-')
    .replaceAll(/\s*-\s*/g, '-')
    .split(/[,;\n]+/)) {
    const piece = part.trim();
    if (piece === '') continue;
    const [, words = '', times = ''] = /^(\D*?)\s*(\d.*)?$/s.exec(piece) ?? [];
    const named = words.trim().replace(/:$/, '');
    // `mon 09:00-12:00, 13:00-17:00`: without a day it is the one before.
    if (named !== '') days = daysIn(named, dayOf);
    if (days.length === 0 || times === '') throw invalid('hours', example);
    for (const one of times.split(/\s+(?=\d)/)) {
      const { from, to } = parseSpan(one, 'hours');
      for (const day of days) ranges.set(`${day} ${from} ${to}`, { day, from, to });
    }
  }
  if (ranges.size === 0) throw invalid('hours', example);
  return [...ranges.values()].toSorted((a, b) => a.day - b.day || a.from - b.from || a.to - b.to);
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** `09:00-17:00` */
export const spanText = ({ from, to }: { from: number; to: number }): string => `${clock(from)}-${clock(to)}`;

/** Weekly hours in a language, days that are alike together; empty when it is never open. */
export function hoursText(hours: readonly OpenRange[], locale: string): string {
  const local = week.map((day) => nameIn(locale, 'short', day));
  const names = local.every(isPlain) && new Set(local).size === 7 ? local : english.map((name) => name.slice(0, 3));
  const ofDay = week.map((day) =>
    hours
      .filter((range) => range.day === day)
      .toSorted((a, b) => a.from - b.from || a.to - b.to)
      .map(spanText)
      .join(' '),
  );
  const parts: string[] = [];
  for (let first = 0; first < 7; ) {
    let last = first;
    while (last < 6 && ofDay[last + 1] === ofDay[first]) last++;
    const days = first === last ? names[first] : `${names[first]}-${names[last]}`;
    if (ofDay[first] !== '') parts.push(`${days} ${ofDay[first]}`);
    first = last + 1;
  }
  return parts.join(', ');
}
