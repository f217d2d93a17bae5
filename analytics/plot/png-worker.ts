import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { Resvg } from '@resvg/resvg-js';
import { LineChart } from 'echarts/charts';
import { GridComponent, MarkPointComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { labelStep } from './frame.ts';
import { perDay } from './options.ts';
import { type StatsInput, statsText } from './stats.ts';
import { CHART, statsSvg, WIDTH } from './stats-svg.ts';
import type { Family } from './svg-text.ts';
import { discord } from './tokens.ts';

use([LineChart, GridComponent, MarkPointComponent, SVGRenderer]);

// resvg reads no woff2, hence the TrueType files of these packages.
const font = (file: string) => fileURLToPath(import.meta.resolve(`@expo-google-fonts/${file}`));
const inter = ['400Regular', '500Medium', '600SemiBold'].map((w) => font(`inter/${w}/Inter_${w}.ttf`));
const japanese = ['400Regular', '600SemiBold'].map((w) => font(`noto-sans-jp/${w}/NotoSansJP_${w}.ttf`));
const arabic = ['400Regular', '600SemiBold'].map((w) => font(`noto-sans-arabic/${w}/NotoSansArabic_${w}.ttf`));

const drawChart = (input: StatsInput): string | null => {
  if (input.perDay.every((d) => d.n === 0) && input.perDayPrevious.every((d) => d.n === 0)) return null;
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...CHART });
  try {
    const { f } = statsText(input);
    chart.setOption(perDay(discord, f, input.perDay, input.perDayPrevious, labelStep(input.perDay.length, true)));
    return chart.renderToSVGString();
  } finally {
    // Otherwise ECharts' own timer keeps the thread alive.
    chart.dispose();
  }
};

const draw = (input: StatsInput): Uint8Array => {
  const svg = statsSvg(input, drawChart(input));
  const needs = (family: Family) => svg.includes(`font-family="${family}"`);
  const fontFiles = [
    ...inter,
    ...(needs('Noto Sans JP') ? japanese : []),
    ...(needs('Noto Sans Arabic') ? arabic : []),
  ];
  const options = { loadSystemFonts: false, defaultFontFamily: 'Inter', fontFiles };
  return new Resvg(svg, { fitTo: { mode: 'width', value: 2 * WIDTH }, font: options }).render().asPng();
};

parentPort?.on('message', ({ id, input }: { id: number; input: StatsInput }) => {
  try {
    parentPort?.postMessage({ id, png: draw(input) });
  } catch (err) {
    parentPort?.postMessage({ id, failure: err instanceof Error ? err.message : String(err) });
  }
});
