import type { EChartsOption } from 'echarts';
import type { Format } from './format.ts';
import { bare, countAxis, frame, text } from './frame.ts';
import type { Palette } from './tokens.ts';

/** Which of the eight steps a count takes: 0 only for zero, then seven equal ranges that end at the maximum. */
export const heatLevel = (n: number, max: number): number => (n === 0 ? 0 : Math.ceil((n / max) * 7));

/** Weekday × hour, UTC, Monday first. Colour carries the value; the peak also carries its number. */
export const heat = (
  k: Palette,
  f: Format,
  grid: readonly (readonly number[])[],
  { step = 3, isLabelled = true, radius = 4 } = {},
): EChartsOption => {
  const cells = grid.flatMap((row, y) => row.map((n, x) => ({ x, y, n })));
  const max = Math.max(0, ...cells.map((c) => c.n));
  const peak = cells.find((c) => c.n === max && max > 0);
  const data = cells.map((cell) => ({
    value: [cell.x, cell.y, cell.n],
    label: {
      show: isLabelled && cell === peak,
      color: k.card,
      fontFamily: k.font,
      fontSize: k.size - 1,
      fontWeight: 600 as const,
      formatter: f.compact(cell.n),
    },
  }));
  return {
    ...frame(k, { top: 2, bottom: 2 }),
    xAxis: {
      type: 'category',
      data: Array.from({ length: 24 }, (_, h) => f.hour(h)),
      ...bare,
      axisLabel: { ...text(k), interval: (index: number) => index % step === 0, margin: 8 },
    },
    yAxis: { type: 'category', inverse: true, data: f.weekdayNames, ...bare, axisLabel: { ...text(k), margin: 10 } },
    // ECharts colours a heat map through this component alone; it is never shown.
    visualMap: {
      type: 'piecewise',
      show: false,
      dimension: 2,
      pieces: k.sequential.map((color, level) => ({ color, ...levelRange(level, max) })),
    },
    series: [
      {
        type: 'heatmap',
        data,
        silent: true,
        itemStyle: { borderColor: k.card, borderWidth: 2, borderRadius: radius },
      },
    ],
  };
};

const levelRange = (level: number, max: number) =>
  level === 0 ? { value: 0 } : { gt: ((level - 1) / 7) * max, lte: (level / 7) * max };

/** 24 bars from zero; the peak (the earliest on a tie) solid and labelled, the rest soft. */
export const hours = (k: Palette, f: Format, values: readonly number[]): EChartsOption => {
  const top = Math.max(0, ...values);
  const peak = top > 0 ? values.indexOf(top) : -1;
  return {
    ...frame(k, { top: 20 }),
    xAxis: {
      type: 'category',
      data: values.map((_, h) => f.hour(h)),
      ...bare,
      axisLine: { show: true, lineStyle: { color: k.axis } },
      axisLabel: { ...text(k), margin: 9, interval: (index: number) => index % 6 === 0 },
    },
    yAxis: countAxis(k, f, top),
    series: [
      {
        type: 'bar',
        barCategoryGap: '22%',
        silent: true,
        data: values.map((n, h) => ({
          value: n,
          itemStyle: { color: h === peak ? k.series : k.soft, borderRadius: [2, 2, 0, 0] },
          label: {
            show: h === peak,
            position: 'top' as const,
            distance: 4,
            ...text(k, k.text),
            fontWeight: 600 as const,
            formatter: f.compact(n),
          },
        })),
      },
    ],
  };
};
