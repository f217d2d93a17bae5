import { describe, expect, it } from 'vitest';
import { createFormat } from './format.ts';

const f = createFormat('en');

describe('durations', () => {
  it.each([
    [null, '–'],
    [0, '<1m'],
    [59.9, '<1m'],
    [60, '1m'],
    [2_339, '38m'],
    [3_600, '1h 0m'],
    [4_020.9, '1h 7m'],
    [447_000, '124h 10m'],
    [5_896_799, '1,637h 59m'],
  ])('writes %s seconds as %s', (seconds, text) => {
    expect(f.duration(seconds)).toBe(text);
  });
  it('keeps the unit apart from its number, so that it can be drawn smaller', () => {
    expect(f.durationPieces(5_900)).toEqual([
      { value: '1', unit: 'h' },
      { value: '38', unit: 'm' },
    ]);
  });
  it('writes them out in a sentence', () => {
    expect([f.longDuration(60), f.longDuration(247), f.longDuration(10_900)]).toEqual([
      '1 minute',
      '4 minutes',
      '3 hours',
    ]);
  });
  it.each([
    [0, '0'],
    [1_800, '30m'],
    [7_200, '2h'],
    [86_400, '1d'],
  ])('writes the axis step %s as %s', (seconds, text) => {
    expect(f.axisDuration(seconds)).toBe(text);
  });
});

describe('counts, shares, ratings', () => {
  it('separates no data from zero', () => {
    expect([f.count(null), f.count(0), f.stars(null), f.share(null), f.hour(null)]).toEqual(['–', '0', '–', '–', '–']);
  });
  it('groups thousands, and compacts from a million where width is fixed', () => {
    expect([f.count(12_841), f.count(1_234_567)]).toEqual(['12,841', '1,234,567']);
    expect([f.compact(999_999), f.compact(1_234_567)]).toEqual(['999,999', '1.2M']);
  });
  it('never shows a share that exists as 0%, nor one that is not whole as 100.0%', () => {
    expect([f.share(0), f.share(0.001), f.share(0.67), f.share(1)]).toEqual(['0%', '<1%', '67%', '100%']);
    expect([f.share(0.9963, true), f.share(0.99999, true), f.share(1, true)]).toEqual(['99.6%', '99.9%', '100.0%']);
  });
  it('gives ratings two decimals and hours two digits', () => {
    expect([f.stars(4.476), f.stars(5), f.hour(7), f.hour(18)]).toEqual(['4.48', '5.00', '07:00', '18:00']);
  });
});

describe('times', () => {
  const at = Date.UTC(2025, 10, 22, 23, 59);
  it('are UTC, whatever the zone of the machine', () => {
    expect([f.day(at), f.fullDay(at), f.date(at)]).toEqual(['22 Nov', 'Sat, 22 Nov', '22 Nov 2025']);
    expect(f.moment(at)).toBe('22 Nov, 23:59');
  });
  it('start the week on Monday', () => {
    expect(f.weekdayNames).toEqual(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']);
  });
});

describe('deltas', () => {
  it.each([
    [1_152, 1_247, null, '7.6%', 'down', 'flat'],
    [5_900, 8_082, 'lower', '27%', 'down', 'good'],
    [8_082, 5_900, 'lower', '37%', 'up', 'bad'],
    [12, 10, 'higher', '20%', 'up', 'good'],
    [900, 10, null, '>999%', 'up', 'flat'],
  ] as const)('from %s against %s, better %s', (now, before, better, amount, direction, tone) => {
    expect(f.delta(now, before, better)).toEqual({ kind: 'changed', amount, direction, tone });
  });
  it('compares ratings in points', () => {
    const delta = f.delta(4.48, 4.54, 'higher', 'points');
    expect(delta).toEqual({ kind: 'changed', amount: '0.06', direction: 'down', tone: 'bad' });
    expect(f.delta(4.481, 4.479, 'higher', 'points')).toEqual({ kind: 'same' });
  });
  it('tells new, no change and no data apart', () => {
    expect(f.delta(3, 0, null)).toEqual({ kind: 'new' });
    expect(f.delta(0, 0, null)).toEqual({ kind: 'same' });
    expect(f.delta(65, 65, null)).toEqual({ kind: 'same' });
    expect(f.delta(null, 5, 'lower')).toEqual({ kind: 'none' });
    expect(f.delta(5, null, 'lower')).toEqual({ kind: 'none' });
  });
});

it('follows the locale', () => {
  const german = createFormat('de');
  expect(german.count(12_841)).toBe('12.841');
  expect(german.delta(1_152, 1_247, null)).toMatchObject({ amount: '7,6\u00a0%' });
  expect(createFormat('ar').duration(5_900)).toContain('38');
});
