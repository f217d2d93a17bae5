import type { EChartsOption, LineSeriesOption } from 'echarts';
import type { Format } from './format.ts';
import { bare, countAxis, frame, labelStep, type Point, text, timeAxis } from './frame.ts';
import { durationScale } from './scale.ts';
import type { Palette } from './tokens.ts';

/**
 * A period against the one before it: solid over a soft fill, and dashed, shifted onto the same axis.
 * The last day is not over: its point is hollow, joined by a thin line, and the fill ends the day before.
 */
export const perDay = (
  k: Palette,
  f: Format,
  days: readonly Point[],
  previous: readonly Point[],
  step = labelStep(days.length, false),
): EChartsOption => {
  const last = days.length - 1;
  const top = Math.max(0, ...days.map((d) => d.n));
  const peak = days.findIndex((d) => d.n === top);
  const dot = (index: number, isHollow: boolean, position: 'top' | 'right') => ({
    name: isHollow ? 'today' : 'peak',
    coord: [index, days[index]?.n ?? 0],
    itemStyle: { color: isHollow ? k.card : k.series, borderColor: k.series, borderWidth: k.size / 6 },
    label: {
      show: true,
      position,
      distance: k.size / 2.4,
      ...text(k, k.text),
      fontWeight: 600,
      textBorderColor: k.card,
      textBorderWidth: k.size / 3.5,
      formatter: f.compact(days[index]?.n ?? 0),
    },
  });
  const dots = [...(top > 0 && peak !== last ? [dot(peak, false, 'top')] : []), dot(last, true, 'right')];
  // Room for today's figure to the right of its point, 0.62 em a digit.
  const room = k.size * (1.1 + 0.62 * f.compact(days[last]?.n ?? 0).length);
  const lines: LineSeriesOption[] = [
    {
      type: 'line',
      name: 'previous',
      data: previous.map((d) => d.n),
      symbol: 'none',
      silent: true,
      lineStyle: { color: k.previous, width: k.size / 8.5, type: [k.size / 3, k.size / 3.5] },
    },
    {
      type: 'line',
      name: 'today',
      data: days.map((d, i) => (i >= last - 1 ? d.n : null)),
      symbol: 'none',
      silent: true,
      z: 3,
      lineStyle: { color: k.series, width: k.size / 11, opacity: 0.55 },
    },
    {
      type: 'line',
      name: 'period',
      data: days.map((d, i) => (i < last ? d.n : null)),
      symbol: 'none',
      silent: true,
      z: 4,
      lineStyle: { color: k.series, width: k.size / 5.8, join: 'round' },
      areaStyle: { color: k.series, opacity: 0.1 },
      markPoint: { silent: true, symbol: 'circle', symbolSize: k.size * 0.5, data: dots },
    },
  ];
  return {
    ...frame(k, { top: k.size * 1.6, right: room }),
    xAxis: timeAxis(
      k,
      f,
      days.map((d) => d.at),
      step,
    ),
    yAxis: countAxis(k, f, Math.max(top, ...previous.map((d) => d.n))),
    series: lines,
  };
};

/** One series of counts: bars from zero. Today is not over, so its bar is hollow; it and the peak are named. */
export const dayBars = (
  k: Palette,
  f: Format,
  days: readonly Point[],
  step = labelStep(days.length, false),
): EChartsOption => {
  const last = days.length - 1;
  const top = Math.max(0, ...days.map((d) => d.n));
  const peak = top > 0 ? days.findIndex((d) => d.n === top) : -1;
  const at = days.map((d) => d.at);
  return {
    ...frame(k, { top: 20 }),
    xAxis: { ...timeAxis(k, f, at, step), boundaryGap: true },
    yAxis: countAxis(k, f, top),
    series: [
      {
        type: 'bar',
        barCategoryGap: '22%',
        silent: true,
        data: days.map((day, index) => ({
          value: day.n,
          itemStyle: {
            color: index === last ? k.card : k.series,
            borderColor: k.series,
            borderWidth: index === last && day.n > 0 ? 1.5 : 0,
            borderRadius: [2, 2, 0, 0],
          },
          label: {
            show: index === peak || (index === last && day.n > 0),
            position: 'top' as const,
            distance: 4,
            ...text(k, k.text),
            fontWeight: 600 as const,
            formatter: f.compact(day.n),
          },
        })),
      },
    ],
  };
};

/** A line of durations from zero, with gaps where there is no value; the newest value is named. */
export const durations = (
  k: Palette,
  f: Format,
  days: readonly { at: number; seconds: number | null }[],
  step = labelStep(days.length, false),
): EChartsOption => {
  const last = days.findLastIndex((d) => d.seconds !== null);
  const newest = days[last]?.seconds ?? null;
  const label = {
    show: true,
    position: 'right' as const,
    distance: k.size / 2.4,
    ...text(k, k.text),
    fontWeight: 600 as const,
    formatter: f.duration(newest),
  };
  const line: LineSeriesOption = {
    type: 'line',
    data: days.map((d) => d.seconds),
    symbol: 'none',
    silent: true,
    connectNulls: false,
    lineStyle: { color: k.series, width: k.size / 5.8, join: 'round' },
    areaStyle: { color: k.series, opacity: 0.1 },
    markPoint: {
      silent: true,
      symbol: 'circle',
      symbolSize: k.size * 0.5,
      itemStyle: { color: k.series },
      data: last < 0 ? [] : [{ name: 'now', coord: [last, newest ?? 0], label }],
    },
  };
  const at = days.map((d) => d.at);
  return {
    ...frame(k, { top: k.size * 1.6, right: k.size * (1.1 + 0.62 * f.duration(newest).length) }),
    xAxis: timeAxis(k, f, at, step),
    yAxis: {
      type: 'value',
      ...durationScale(Math.max(0, ...days.map((d) => d.seconds ?? 0))),
      ...bare,
      splitLine: { lineStyle: { color: k.grid } },
      axisLabel: { ...text(k), margin: k.size * 0.8, formatter: (s: number) => f.axisDuration(s) },
    },
    series: [line],
  };
};

/** One line, no axes; its last point is marked. Sits beside a figure, so it needs no scale of its own. */
export const spark = (k: Palette, values: readonly (number | null)[]): EChartsOption => {
  const last = values.findLastIndex((v) => v !== null);
  return {
    animation: false,
    grid: { left: 1, right: 4, top: 4, bottom: 3 },
    xAxis: { type: 'category', show: false, boundaryGap: false, data: values.map((_, i) => String(i)) },
    yAxis: {
      type: 'value',
      show: false,
      min: (v: { min: number; max: number }) => v.min - (v.max - v.min) * 0.08,
      max: 'dataMax',
    },
    series: [
      {
        type: 'line',
        data: [...values],
        symbol: 'none',
        silent: true,
        connectNulls: false,
        lineStyle: { color: k.series, width: 1.5, join: 'round' },
        areaStyle: { color: k.series, opacity: 0.07 },
        markPoint: {
          silent: true,
          symbol: 'circle',
          symbolSize: 5,
          itemStyle: { color: k.series },
          label: { show: false },
          data: last < 0 ? [] : [{ name: 'now', coord: [last, values[last] ?? 0] }],
        },
      },
    ],
  };
};
