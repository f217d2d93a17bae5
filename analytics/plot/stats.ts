import { type Better, createFormat, type Delta, type Format } from './format.ts';
import type { Point } from './frame.ts';
import { periodFacts } from './period.ts';
import { englishWords, fill, type Words } from './words.ts';

/** A figure now and in the window before it; null without data. */
export type Compared = { now: number | null; previous: number | null };

/** What the picture of `/stats` shows. Durations in seconds, ratings 1 to 5, `at` in epoch ms (UTC midnights). */
export type StatsInput = {
  title: string;
  days: number;
  opened: Compared;
  firstResponseMean: Compared;
  rating: Compared;
  perDay: readonly Point[];
  perDayPrevious: readonly Point[];
  /** Names of the three figures, where they are not the server's: a member's, a staff member's. */
  labels?: readonly [string, string, string];
  /** What the second and third figure measure, where that differs; the first is always a count. */
  units?: { second?: Unit; third?: Unit };
  locale?: string;
  words?: Partial<Words>;
};
export type Unit = 'duration' | 'rating' | 'count' | 'hour';

/** One figure as drawn: its label, value, unit beside it, and the change in words, since nobody can hover a picture. */
export type Figure = { label: string; value: string; unit: string; change: Delta; changeText: string };

const better: Record<Unit, Better> = { duration: 'lower', rating: 'higher', count: null, hour: null };

const changeText = (words: Words, change: Delta): string => {
  if (change.kind === 'none') return '';
  if (change.kind !== 'changed') return words[change.kind];
  const flat = change.direction === 'up' ? words.more : words.fewer;
  return fill({ good: words.better, bad: words.worse, flat }[change.tone], { amount: change.amount });
};

const figure = (f: Format, words: Words, unit: Unit, label: string, { now, previous }: Compared): Figure => {
  const change = f.delta(now, unit === 'hour' ? null : previous, better[unit], unit === 'rating' ? 'points' : '%');
  const shown = { label, change, changeText: changeText(words, change) };
  if (unit === 'duration') return { ...shown, value: f.duration(now), unit: '' };
  if (unit === 'hour') return { ...shown, value: f.hour(now), unit: now === null ? '' : 'UTC' };
  if (unit === 'rating') return { ...shown, value: f.stars(now), unit: now === null ? '' : words.ofFive };
  return { ...shown, value: now === null ? f.count(now) : f.compact(now), unit: '' };
};

/** The words and figures of a picture, worked out once for the drawing and for its description. */
export const statsText = (input: StatsInput) => {
  const words: Words = { ...englishWords, ...input.words };
  const f = createFormat(input.locale ?? 'en');
  const [first, second, third] = input.labels ?? [words.opened, words.firstResponse, words.rating];
  const figures: [Figure, Figure, Figure] = [
    figure(f, words, 'count', first, input.opened),
    figure(f, words, input.units?.second ?? 'duration', second, input.firstResponseMean),
    figure(f, words, input.units?.third ?? 'rating', third, input.rating),
  ];
  return { words, f, figures };
};

/** The picture as one sentence, for the attachment's `description`: at most 1,024 characters, Discord's limit. */
export const statsDescription = (input: StatsInput): string => {
  const { words, f, figures } = statsText(input);
  const [opened] = figures;
  const facts = periodFacts(f, input.perDay);
  const name = `${input.title}: ${opened.label}`;
  if (!facts) return fill(words.descriptionNone, { name, n: input.days }).slice(0, 1024);
  const n = input.days;
  const change =
    opened.change.kind === 'changed'
      ? fill(words.sinceBefore, { change: opened.changeText, n })
      : fill(opened.change.kind === 'same' ? words.sameAsBefore : words.noneBefore, { n });
  const values = { name, n, change, total: opened.value, most: f.count(facts.most), mostOn: facts.mostOn };
  return fill(words.description, values).slice(0, 1024);
};
