import type { LineSeriesOption } from 'echarts';
import { describe, expect, it } from 'vitest';
import { createFormat } from './format.ts';
import { labelStep, type Point } from './frame.ts';
import { heat, heatLevel, hours } from './hour-options.ts';
import { dayBars, durations, perDay, spark } from './options.ts';
import { periodFacts } from './period.ts';
import { countScale, durationScale } from './scale.ts';
import { palettes } from './tokens.ts';

const f = createFormat('en');
const k = palettes.light;
const days = (...counts: number[]): Point[] => counts.map((n, i) => ({ at: Date.UTC(2025, 10, 1 + i), n }));
const lines = (option: ReturnType<typeof perDay>) => option.series as LineSeriesOption[];

describe('tickets per day', () => {
  const option = perDay(k, f, days(5, 9, 7, 3), days(4, 4, 4, 12));
  const [previous, today, period] = lines(option);

  it('ends the solid line and its fill the day before, because today is not over', () => {
    expect(period?.data).toEqual([5, 9, 7, null]);
    expect(today?.data).toEqual([null, null, 7, 3]);
    expect(period?.areaStyle).toBeDefined();
    expect(today?.areaStyle).toBeUndefined();
  });
  it('shifts the period before onto the same axis', () => {
    expect(previous?.data).toEqual([4, 4, 4, 12]);
    expect((option.xAxis as { data: string[] }).data).toHaveLength(4);
  });
  it('makes room for the higher of the two periods', () => {
    expect(option.yAxis).toMatchObject({ min: 0, max: 15, interval: 5 });
  });
  it('names the peak and today, today hollow', () => {
    expect(period?.markPoint?.data).toMatchObject([
      { coord: [1, 9], label: { formatter: '9' }, itemStyle: { color: k.series } },
      { coord: [3, 3], label: { formatter: '3' }, itemStyle: { color: k.card } },
    ]);
  });
  it('names today once when today is the peak, and no peak where there is none', () => {
    const ends = lines(perDay(k, f, days(1, 2), []))[2];
    expect(ends?.markPoint?.data).toHaveLength(1);
    expect(lines(perDay(k, f, days(0, 0), []))[2]?.markPoint?.data).toMatchObject([{ coord: [1, 0] }]);
  });
  it('keeps to four or five time labels', () => {
    for (const [length, isNarrow] of [
      [30, false],
      [30, true],
      [90, false],
      [90, true],
      [7, true],
    ] as const) {
      const { every, offset } = labelStep(length, isNarrow);
      const shown = Array.from({ length: length - 1 }, (_, i) => i).filter((i) => i % every === offset % every);
      expect(shown.length).toBeGreaterThanOrEqual(3);
      expect(shown.length).toBeLessThanOrEqual(7);
    }
  });
});

describe('the axis of counts', () => {
  it.each([
    [0, 2, 1],
    [1, 2, 1],
    [3, 3, 1],
    [10, 10, 5],
    [47, 50, 25],
    [59, 60, 20],
    [62, 75, 25],
    [177, 200, 100],
    [1_152, 1_500, 500],
  ])('reaches %s with %s in steps of %s', (max, top, interval) => {
    expect(countScale(max)).toEqual({ min: 0, max: top, interval });
  });
  it('always takes two to four whole steps', () => {
    for (let max = 0; max <= 5_000; max += 7) {
      const { max: top, interval } = countScale(max);
      expect(top).toBeGreaterThanOrEqual(max);
      expect(Number.isInteger(interval)).toBe(true);
      expect([2, 3, 4]).toContain(top / interval);
    }
  });
});

describe('first response over time', () => {
  it('starts at zero, takes steps that people count time in, and leaves gaps', () => {
    const values = [null, 3_000, null, 5_900].map((seconds, i) => ({ at: Date.UTC(2025, 10, 1 + i), seconds }));
    const option = durations(k, f, values);
    expect(option.yAxis).toMatchObject({ min: 0, max: 7_200, interval: 3_600 });
    const [line] = option.series as LineSeriesOption[];
    expect(line).toMatchObject({ data: [null, 3_000, null, 5_900], connectNulls: false });
    expect(line?.markPoint?.data).toMatchObject([{ coord: [3, 5_900], label: { formatter: '1h 38m' } }]);
  });
  it.each([
    [0, 120, 60],
    [130, 180, 60],
    [2_300, 2_400, 600],
    [20_000, 21_600, 10_800],
    [200_000, 259_200, 86_400],
  ])('reaches %s s with %s in steps of %s', (max, top, interval) => {
    expect(durationScale(max)).toEqual({ min: 0, max: top, interval });
  });
});

describe('when tickets arrive', () => {
  const grid = Array.from({ length: 7 }, (_, day) =>
    Array.from({ length: 24 }, (_, h) => (day === 3 && h === 19 ? 26 : h % 3)),
  );

  it('gives zero its own step and the maximum the last', () => {
    expect([heatLevel(0, 26), heatLevel(1, 26), heatLevel(13, 26), heatLevel(26, 26)]).toEqual([0, 1, 4, 7]);
    expect(heatLevel(1, 1)).toBe(7);
  });
  it('labels the peak alone', () => {
    const [series] = heat(k, f, grid).series as { data: { value: number[]; label: { show: boolean } }[] }[];
    const labelled = series?.data.filter((cell) => cell.label.show);
    expect(labelled).toMatchObject([{ value: [19, 3, 26] }]);
    expect(series?.data).toHaveLength(168);
  });
  it('labels nothing in an empty week', () => {
    const [series] = heat(
      k,
      f,
      grid.map((row) => row.map(() => 0)),
    ).series as { data: { label: { show: boolean } }[] }[];
    expect(series?.data.some((cell) => cell.label.show)).toBe(false);
  });
});

describe('tickets of one person per day', () => {
  it('are bars, today hollow, the peak named', () => {
    const [series] = dayBars(k, f, days(1, 3, 0, 2)).series as {
      type: string;
      data: { value: number; itemStyle: { color: string }; label: { show: boolean } }[];
    }[];
    expect(series?.type).toBe('bar');
    expect(series?.data.map((bar) => bar.itemStyle.color === k.card)).toEqual([false, false, false, true]);
    expect(series?.data.map((bar) => bar.label.show)).toEqual([false, true, false, true]);
  });
});

describe('replies by hour', () => {
  it('fills the earliest of two equal peaks', () => {
    const values = Array.from({ length: 24 }, (_, h) => (h === 9 || h === 18 ? 4 : 1));
    const [series] = hours(k, f, values).series as { data: { itemStyle: { color: string } }[] }[];
    expect(series?.data.findIndex((bar) => bar.itemStyle.color === k.series)).toBe(9);
    expect(series?.data.filter((bar) => bar.itemStyle.color === k.series)).toHaveLength(1);
  });
});

describe('the spark', () => {
  it('marks the newest value and leaves gaps where nothing was answered', () => {
    const [series] = spark(k, [null, 3, null, 5, null]).series as LineSeriesOption[];
    expect(series?.markPoint?.data).toMatchObject([{ coord: [3, 5] }]);
    expect(series?.connectNulls).toBe(false);
    expect((spark(k, [null]).series as LineSeriesOption[])[0]?.markPoint?.data).toEqual([]);
  });
});

describe('the sentence of a chart', () => {
  it('states span, total and peak', () => {
    const facts = { from: '1 Nov', to: '4 Nov', total: 24, most: 9, mostOn: '2 Nov' };
    expect(periodFacts(f, days(5, 9, 7, 3))).toEqual(facts);
  });
  it('has none for a period without tickets', () => {
    expect(periodFacts(f, days(0, 0))).toBeNull();
    expect(periodFacts(f, [])).toBeNull();
  });
});
