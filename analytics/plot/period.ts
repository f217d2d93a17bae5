import type { Format } from './format.ts';
import type { Point } from './frame.ts';

/** What a period's chart says in one sentence; the words around it belong to the reader's language. */
export type PeriodFacts = { from: string; to: string; total: number; most: number; mostOn: string };

/** The facts behind a chart's sentence ("24 Oct to 22 Nov: 1,131 in all, most 59 on 8 Nov"); null without any count. */
export const periodFacts = (f: Format, days: readonly Point[]): PeriodFacts | null => {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return null;
  const total = days.reduce((sum, d) => sum + d.n, 0);
  if (total === 0) return null;
  const peak = days.reduce((best, d) => (d.n > best.n ? d : best), first);
  return { from: f.day(first.at), to: f.day(last.at), total, most: peak.n, mostOn: f.day(peak.at) };
};
