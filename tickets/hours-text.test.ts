import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hoursText, parseHours, parseSpan } from './hours-text.ts';
import type { OpenRange } from './schedule.ts';

const on = (days: readonly number[], from: number, to: number): OpenRange[] => days.map((day) => ({ day, from, to }));

describe('weekly hours', () => {
  test.each<[string, OpenRange[]]>([
    ['mon-fri 09:00-17:00, sat 10:00-12:00', [...on([1, 2, 3, 4, 5], 540, 1_020), ...on([6], 600, 720)]],
    ['Monday 9-12, 13-17', [...on([1], 540, 720), ...on([1], 780, 1_020)]],
    ['mon/wed 9am - 5:30pm', on([1, 3], 540, 1_050)],
    ['fri – mon 22:00–06:00', on([1, 5, 6, 7], 1_320, 360)],
    ['daily 24h', on([1, 2, 3, 4, 5, 6, 7], 0, 1_440)],
    ['weekend: 10:00-24:00', on([6, 7], 600, 1_440)],
    ['tue 8:00-12:00 13:00-16:00; ', [...on([2], 480, 720), ...on([2], 780, 960)]],
    ['Mo-Do 9-12', on([1, 2, 3, 4], 540, 720)],
  ])('%s', (text, expected) => {
    expect(parseHours(text, 'de')).toEqual(expected);
  });

  test.each([
    '',
    'mon',
    '9-17',
    'mon 9',
    'mon 25-26',
    'mon 9:60-10',
    'mon 9-9',
    'mon 24:00-10',
    'funday 9-17',
    'mon 13pm-14pm',
    '*',
  ])('%s is refused with an example', (text) => {
    expect(() => parseHours(text, 'en')).toThrow(expect.objectContaining({ code: 'input.invalid' }));
  });

  test('are read as they are written, in every language', () => {
    const minute = fc.integer({ min: 0, max: 1_439 });
    const range = fc.record({ day: fc.integer({ min: 1, max: 7 }), from: minute, to: minute.map((to) => to + 1) });
    const hours = fc.uniqueArray(
      range.filter((one) => one.from !== one.to),
      { minLength: 1, maxLength: 12, selector: (one) => JSON.stringify(one) },
    );
    const locales = ['en', 'de', 'ar', 'ja', 'fr', 'pt-BR', 'he', 'vi', 'th', 'tr', 'zh-CN', 'uk'];
    fc.assert(
      fc.property(hours, fc.constantFrom(...locales), (all, locale) => {
        const sorted = all.toSorted((a, b) => a.day - b.day || a.from - b.from || a.to - b.to);
        expect(parseHours(hoursText(all, locale), locale)).toEqual(sorted);
      }),
      { numRuns: 300 },
    );
  });

  test('days that are alike stand together', () => {
    expect(hoursText(parseHours('sun 9-10, mon-fri 9-17', 'en'), 'en')).toBe('mon-fri 09:00-17:00, sun 09:00-10:00');
    expect(hoursText([], 'en')).toBe('');
  });
});

test('a span alone is read too', () => {
  expect(parseSpan('9:30 am-4 p.m.', 'hours')).toEqual({ from: 570, to: 960 });
});
