import { describe, expect, it } from 'vitest';
import { createPngQueue, PngError, statsPng } from './png.ts';
import { type StatsInput, statsDescription } from './stats.ts';
import { statsSvg } from './stats-svg.ts';
import { cut, drawableText, runsOf } from './svg-text.ts';

const day = (i: number) => Date.UTC(2025, 9, 24) + i * 86_400_000;
const series = (shape: (i: number) => number) => Array.from({ length: 30 }, (_, i) => ({ at: day(i), n: shape(i) }));
const input: StatsInput = {
  title: 'Example Server',
  days: 30,
  opened: { now: 1_152, previous: 1_247 },
  firstResponseMean: { now: 5_900, previous: 8_082 },
  rating: { now: 4.48, previous: 4.54 },
  perDay: series((i) => 20 + ((i * 17) % 40)),
  perDayPrevious: series((i) => 25 + ((i * 23) % 37)),
};
const empty: StatsInput = {
  ...input,
  opened: { now: 0, previous: 0 },
  firstResponseMean: { now: null, previous: null },
  rating: { now: null, previous: null },
  perDay: series(() => 0),
  perDayPrevious: series(() => 0),
};
const size = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];

describe('the picture of /stats', () => {
  it('is a PNG of 1800 × 900 px below 150 KB', async () => {
    const png = await statsPng(input);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(size(png)).toEqual([1_800, 900]);
    expect(png.length).toBeLessThan(150_000);
  });
  it('is drawn for a server without tickets, and for names in other scripts', async () => {
    const others = await Promise.all([statsPng(empty), statsPng({ ...input, title: '日本語サーバー العربية' })]);
    for (const png of others) expect(size(png)).toEqual([1_800, 900]);
  });
  it('writes every figure with its change in words', () => {
    const svg = statsSvg(input, null);
    for (const text of ['1,152', '7.6% fewer', '1h 38m', '27% better', '4.48', '0.06 worse'])
      expect(svg).toContain(`>${text}<`);
  });
  it('says that there is nothing instead of drawing an empty chart', () => {
    expect(statsSvg(empty, null)).toContain('No tickets in these 30 days');
  });
  it('takes a name as text, never as markup', () => {
    const svg = statsSvg({ ...input, title: `<script>&"'` }, null);
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&lt;script&gt;&amp;&quot;&#39;');
  });
  it('takes other labels and units for one person', () => {
    const labels = ['Tickets answered', 'Own first reply, mean', 'Peak hour'] as const;
    const svg = statsSvg({ ...input, labels, units: { third: 'hour' }, rating: { now: 18, previous: null } }, null);
    expect(svg).toContain('>Own first reply, mean<');
    expect(svg).toContain('>18:00<');
  });
});

describe('names', () => {
  it('are cut at 24 characters, full-width ones counting twice', () => {
    expect(cut('a'.repeat(24), 24)).toBe('a'.repeat(24));
    expect(cut('a'.repeat(25), 24)).toBe(`${'a'.repeat(23)}…`);
    expect(cut('漢'.repeat(13), 24)).toBe(`${'漢'.repeat(11)}…`);
  });
  it('lose what no font here can draw', () => {
    expect(drawableText('🎮 Café  1 👨‍👩‍👧 日本')).toBe('Café 1 日本');
    expect(drawableText('a\u0000b\u202ec')).toBe('abc');
  });
  it('are split by the font that has their letters', () => {
    expect(runsOf('Café 1')).toEqual([{ family: 'Inter', text: 'Café 1' }]);
    expect(runsOf('サーバー a').map((run) => run.family)).toEqual(['Noto Sans JP', 'Inter']);
    expect(runsOf('العربية a').map((run) => run.family)).toEqual(['Noto Sans Arabic', 'Inter']);
  });
  it('keep the Japanese of a name that also has Arabic, which resvg cannot lay out together', () => {
    expect(runsOf('日本 العربية').map((run) => run.family)).toEqual(['Noto Sans JP']);
  });
});

describe('the description of the attachment', () => {
  it('says in a sentence what the picture shows', () => {
    const sentence = statsDescription(input);
    expect(sentence).toContain('Tickets opened in the last 30 days: 1,152, 7.6% fewer than in the 30 days before');
    expect(sentence).toContain('Most on one day: 59, on');
  });
  it('says when there was nothing', () => {
    expect(statsDescription(empty)).toBe('Example Server: Tickets opened in the last 30 days: none');
  });
  it('stays within the 1,024 characters of Discord', () => {
    expect(statsDescription({ ...input, title: 'x'.repeat(3_000) }).length).toBeLessThanOrEqual(1_024);
  });
});

describe('the queue', () => {
  it('refuses at once what it cannot hold', async () => {
    const queue = createPngQueue({ limit: 1 });
    const drawings = [queue.draw(input), queue.draw(input)];
    await expect(queue.draw(input)).rejects.toMatchObject({ reason: 'busy' });
    await Promise.all(drawings);
  });
  it('gives up a thread that does not answer, and draws the next with a new one', async () => {
    const silent = new URL(
      'data:text/javascript,import { parentPort } from "node:worker_threads"; parentPort.on("message", () => {});',
    );
    const queue = createPngQueue({ timeoutMs: 50, worker: silent });
    const both = await Promise.allSettled([queue.draw(input), queue.draw(input)]);
    for (const result of both) {
      expect(result).toMatchObject({ status: 'rejected', reason: { reason: 'timeout' } });
    }
  });
  it('reports a thread that cannot start', async () => {
    const queue = createPngQueue({ worker: new URL('data:text/javascript,throw new Error("no fonts")') });
    const failure: unknown = await queue.draw(input).catch((err: unknown) => err);
    expect(failure).toBeInstanceOf(PngError);
    expect(failure).toMatchObject({ reason: 'failed', message: 'no fonts' });
  });
});
