import type { EChartsOption } from 'echarts';
import type { Format } from './format.ts';
import { countScale } from './scale.ts';
import type { Palette } from './tokens.ts';

/** One day (or other bucket): its start in epoch ms and its count. */
export type Point = { at: number; n: number };

/** The axis' text. */
export const text = (k: Palette, color = k.muted) => ({ color, fontFamily: k.font, fontSize: k.size });
/** An axis without ticks, line and grid. */
export const bare = { axisTick: { show: false }, axisLine: { show: false }, splitLine: { show: false } };
/** What every chart shares. */
// ECharts 6 cuts the x labels at `bottom: 0` with outerBoundsMode 'same'; 0.7 of the font size is what they need.
export const frame = (k: Palette, grid: object): EChartsOption => ({
  animation: false,
  textStyle: { fontFamily: k.font },
  grid: {
    left: 0,
    right: 0,
    top: 12,
    bottom: k.size * 0.7,
    outerBoundsMode: 'same',
    outerBoundsContain: 'axisLabel',
    ...grid,
  },
});
/** Days below a chart. */
export const timeAxis = (k: Palette, f: Format, days: readonly number[], { every, offset }: LabelStep) => ({
  type: 'category' as const,
  boundaryGap: false,
  data: days.map(String),
  ...bare,
  axisLine: { show: true, lineStyle: { color: k.axis } },
  axisLabel: {
    ...text(k),
    margin: k.size * 0.8,
    interval: (index: number) => index % every === offset % every && index !== days.length - 1,
    formatter: (at: string) => f.day(Number(at)),
    showMaxLabel: false,
    hideOverlap: true,
  },
});
/** Counts beside a chart, in round steps from zero. */
export const countAxis = (k: Palette, f: Format, max: number) => ({
  type: 'value' as const,
  ...countScale(max),
  ...bare,
  splitLine: { lineStyle: { color: k.grid } },
  axisLabel: { ...text(k), margin: k.size * 0.8, formatter: (n: number) => f.compact(n) },
});

export type LabelStep = { every: number; offset: number };

/** Which time labels stand under `length` days: four or five, the same weekday each time where weeks fit. */
export const labelStep = (length: number, isNarrow: boolean): LabelStep => {
  if (length <= 7) return { every: isNarrow ? 2 : 1, offset: 0 };
  if (length <= 31) return { every: isNarrow ? 9 : 7, offset: 2 };
  return { every: isNarrow ? 28 : 14, offset: 5 };
};
