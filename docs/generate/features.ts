import { globSync, readFileSync } from 'node:fs';
import { featureRows, settingsAhead } from './feature-rows.ts';
import { table } from './table.ts';

/** How a test shows a row: through Discord and HTTP, by the route behind a page, or as a setting whose effect comes later. */
export type How = 'journey' | 'api' | 'setting';

/** A call of `covers`, as the files say it. */
export type Cover = { readonly row: string; readonly how: How; readonly file: string; readonly test: string };

const folders = ['api', 'cluster', 'demo', 'roles', 'test'];
// A title with its callback: `test('…', async () =>`, or behind `test.each(…)`.
const calls =
  /(?:\b(?:test|it)(?:\.[a-z]+)*|\))\(\s*(?<quote>['"`])(?<test>(?:\\.|(?!\k<quote>)[^\\])*)\k<quote>,\s*(?:async\s*)?\(|\bcovers\((?<args>[^)]*)\)/gs;
const literal = /^'(?<row>[^']*)'(?:,\s*'(?<how>api|setting)')?,?$/;

/** Every call of `covers` in a test file, with the test around it. Throws on a call that is no plain string: nobody could find it. */
export function coversIn(file: string, source: string): Cover[] {
  let test = '';
  const found: Cover[] = [];
  for (const { groups } of source.matchAll(calls)) {
    if (groups?.['test'] !== undefined) test = groups['test'].replaceAll(/\\(.)/g, '$1');
    if (groups?.['args'] === undefined) continue;
    const said = literal.exec(groups['args'].trim())?.groups;
    if (!said?.['row']) throw new Error(`${file}: covers(${groups['args']}) must be given plain strings`);
    found.push({ row: said['row'], how: (said['how'] as How | undefined) ?? 'journey', file, test });
  }
  return found;
}

/** All tests that may show a feature: those of the doors. Paths from the repository's root. */
export function testFiles(): string[] {
  return folders.flatMap((folder) => globSync(`${folder}/**/*.test.ts`)).toSorted();
}

// What a test of a feature may not touch: it acts as people do, through Discord and HTTP. What a harness prepares, the harness imports.
const inside = /from '(?:#|(?:\.\.\/)+)tickets\/(?:store|actions)\//;

/** Whether a test reaches past Discord and HTTP: then it may be a good test, but it shows no feature. */
export const reachesPast = (source: string): boolean => inside.test(source);

/** Every call of `covers` in the repository: those that count, and those in files that reach past Discord and HTTP. */
export function allCovers(): { shown: Cover[]; past: Cover[] } {
  const [shown, past]: [Cover[], Cover[]] = [[], []];
  for (const file of testFiles()) {
    const source = readFileSync(file, 'utf8');
    (reachesPast(source) ? past : shown).push(...coversIn(file, source));
  }
  return { shown, past };
}

/** What is wrong with what the tests say, in sentences; nothing when every feature is shown. */
export function complaints(covers: readonly Cover[], past: readonly Cover[] = []): string[] {
  const unknown = [...covers, ...past].filter(({ row }) => featureRows[row] === undefined);
  const shown = new Set(covers.map(({ row }) => row));
  return [
    ...unknown.map(({ row, file, test }) => `${file}: no feature has the number ${row} (in ‘${test}’)`),
    ...covers
      .filter(({ row, how }) => how === 'setting' && !settingsAhead.includes(row))
      .map(({ row, file }) => `${file}: ${row} has an effect now, show it`),
    ...Object.entries(featureRows)
      .filter(([row]) => !shown.has(row))
      .map(([row, title]) => {
        const files = new Set(past.filter((one) => one.row === row).map(({ file }) => file));
        const why = files.size > 0 ? ` (past Discord and HTTP: ${[...files].join(', ')})` : '';
        return `no test covers ${row}, ${title}${why}`;
      }),
  ];
}

const words: Record<How, string> = { journey: '', api: ' (route; page open)', setting: ' (stored; effect to come)' };
const collator = new Intl.Collator('en', { numeric: true });

/** docs/features.md: every feature of the desk with the tests that show it. */
export function featuresPage(): string {
  const of = Map.groupBy(allCovers().shown, ({ row }) => row);
  const rows = Object.entries(featureRows)
    .toSorted(([a], [b]) => collator.compare(a, b))
    .map(([row, title]) => {
      const shown = (of.get(row) ?? []).map(({ file, test, how }) => `[${test}](../${file})${words[how]}`);
      return [row, title, shown.length > 0 ? [...new Set(shown)].join('<br>') : 'nothing yet'];
    });
  const head = ['number', 'what', 'shown by'];
  return `# Features\n\nWhat the desk does, by the numbers that tests and notes cite, and the tests that show it. A route stands for a page that is still open.\n\n${table(head, rows)}\n`;
}
