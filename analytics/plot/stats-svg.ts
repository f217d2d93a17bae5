import { type Figure, type StatsInput, statsText } from './stats.ts';
import { cut, drawableText, escapeXml, runsOf } from './svg-text.ts';
import { discord as k } from './tokens.ts';
import { fill } from './words.ts';

/** Units of the drawing; the picture is drawn at twice that. The smallest text (23) is 8.7 px where Discord shows it 340 px wide. */
export const WIDTH = 900;
const HEIGHT = 450;
const PAD = 32;
const COLUMNS = [PAD, PAD + 268, PAD + 596] as const;
const TITLE_CHARACTERS = 24;
const LABEL_CHARACTERS = [18, 22, 18] as const;
export const CHART = { width: WIDTH - 2 * PAD, height: 208 };

type Say = { x: number; y: number; size: number; fill: string; weight?: number; anchor?: 'start' | 'middle' | 'end' };

const say = (content: string, { x, y, size, fill: colour, weight = 400, anchor = 'start' }: Say): string => {
  const runs = runsOf(content).map(({ family, text }) => `<tspan font-family="${family}">${escapeXml(text)}</tspan>`);
  return (
    `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${colour}" ` +
    `text-anchor="${anchor}" xml:space="preserve">${runs.join('')}</text>`
  );
};

const arrow = (x: number, y: number, isUp: boolean, colour: string): string =>
  `<path transform="translate(${x} ${y}) scale(1 ${isUp ? 1 : -1})" d="M0 9V-9M-7 -2L0 -9L7 -2" fill="none" ` +
  `stroke="${colour}" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>`;

const change = ({ change: delta, changeText }: Figure, x: number): string => {
  if (delta.kind !== 'changed') return say(changeText, { x, y: 186, size: 25, weight: 500, fill: k.muted });
  const colour = { good: k.good, bad: k.bad, flat: k.muted }[delta.tone];
  const words = say(changeText, { x: x + 25, y: 186, size: 25, weight: 500, fill: colour });
  return arrow(x + 8, 177, delta.direction === 'up', colour) + words;
};

const drawFigure = (figure: Figure, column: 0 | 1 | 2): string => {
  const x = COLUMNS[column];
  const unit = figure.unit
    ? `<tspan font-size="26" font-weight="400" letter-spacing="0" fill="${k.muted}" dx="10">${escapeXml(figure.unit)}</tspan>`
    : '';
  const value =
    `<text x="${x}" y="152" font-family="Inter" font-size="52" font-weight="600" letter-spacing="-1" ` +
    `fill="${k.text}">${escapeXml(figure.value)}${unit}</text>`;
  const label = cut(drawableText(figure.label), LABEL_CHARACTERS[column]);
  return say(label, { x, y: 100, size: 25, fill: k.muted }) + value + change(figure, x);
};

const drawPlot = (input: StatsInput, chart: string | null): string => {
  const { words } = statsText(input);
  const title = say(words.perDay, { x: PAD, y: 238, size: 23, fill: k.muted });
  if (chart === null) {
    const none = fill(words.none, { n: input.days });
    return title + say(none, { x: WIDTH / 2, y: 344, size: 25, fill: k.muted, anchor: 'middle' });
  }
  const before = fill(words.before, { n: input.days });
  // 11.6 units a character of Inter at 23: the dash stands just before the words, whatever their length.
  const dash = WIDTH - PAD - before.length * 11.6 - 14;
  return (
    title +
    `<path d="M${dash - 44} 230h44" stroke="${k.previous}" stroke-width="3" stroke-dasharray="9 7"/>` +
    say(before, { x: WIDTH - PAD, y: 238, size: 23, fill: k.muted, anchor: 'end' }) +
    chart.replace('<svg ', `<svg x="${PAD}" y="234" `)
  );
};

/** The whole picture as SVG around the chart's own; `chart` is null when there is nothing to draw in it. */
export const statsSvg = (input: StatsInput, chart: string | null): string => {
  const { words, figures } = statsText(input);
  const title = cut(drawableText(input.title), TITLE_CHARACTERS);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">` +
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${k.card}"/>` +
    say(title, { x: PAD, y: 52, size: 31, weight: 600, fill: k.text }) +
    say(fill(words.window, { n: input.days }), { x: WIDTH - PAD, y: 52, size: 25, fill: k.muted, anchor: 'end' }) +
    figures.map((figure, i) => drawFigure(figure, i as 0 | 1 | 2)).join('') +
    `${drawPlot(input, chart)}</svg>`
  );
};
