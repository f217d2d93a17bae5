import { invalid, mustBeList, mustBeText, mustBeWithin } from './bounds.ts';
import type { Holiday, Hours, OpenRange } from './schedule.ts';
import { isTimeZone } from './time-zone.ts';

/** Schedules of one server: what a menu in Discord holds, beside its option for none. */
export const scheduleLimit = 24;
export const maxScheduleName = 50;
/** Several a day for each day of the week, with room to spare. */
export const maxRanges = 50;
/** Some years of public holidays. */
export const maxHolidays = 200;
export const maxHolidayName = 100;
/** A version is kept for ever, because old figures depend on it. */
export const maxVersions = 1_000;

/** Whether a text is a date of the calendar, such as 2026-12-25. */
export const isDate = (text: string): boolean => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
};

function mustBeRange(range: OpenRange): void {
  mustBeWithin('hours', range.day, 1, 7);
  mustBeWithin('hours', range.from, 0, 1_439);
  mustBeWithin('hours', range.to, 0, 1_440);
  if (range.from === range.to)
    throw invalid('hours', 'hours that end at another time than they begin; a whole day is 00:00-24:00');
}

function mustBeHoliday({ date, name, from, to }: Holiday): void {
  if (!isDate(date)) throw invalid('holidays', 'dates such as 2026-12-25');
  mustBeText('holidays', name, maxHolidayName);
  if (from === undefined && to === undefined) return;
  if (from === undefined || to === undefined) throw invalid('holidays', 'hours with a beginning and an end');
  mustBeWithin('holidays', from, 0, 1_439);
  mustBeWithin('holidays', to, 1, 1_440);
  if (to <= from) throw invalid('holidays', 'hours that end on the same day');
}

/** Throws AppError input.invalid {field, fix} for hours that no schedule can have. */
export function checkHours(hours: Partial<Hours>): void {
  if (hours.timeZone !== undefined && !isTimeZone(hours.timeZone))
    throw invalid('timeZone', 'the name of a time zone, such as Europe/Berlin');
  if (hours.hours) {
    mustBeList(
      'hours',
      hours.hours.map((one) => `${one.day} ${one.from}-${one.to}`),
      0,
      maxRanges,
    );
    hours.hours.forEach(mustBeRange);
  }
  if (hours.holidays) {
    mustBeList(
      'holidays',
      hours.holidays.map((one) => one.date),
      0,
      maxHolidays,
    );
    hours.holidays.forEach(mustBeHoliday);
  }
}
