import { expect, test } from 'vitest';
import { allCovers, complaints, coversIn, reachesPast } from './generate/features.ts';
import { featureRows } from './generate/feature-rows.ts';

test('every feature is shown by a test that goes through Discord and HTTP, and no test names one that is not there', () => {
  const { shown, past } = allCovers();
  expect(complaints(shown, past)).toEqual([]);
});

test('calls are found with the test around them, by plain strings only', () => {
  const source = `
    test('opens', () => { covers('1.2-14'); covers('1.4-15', 'api'); });
    test.each([1])("it's \\"x\\" %s", () => {
      covers('1.1-18', 'setting');
    });`;
  expect(coversIn('a.test.ts', source)).toEqual([
    { row: '1.2-14', how: 'journey', file: 'a.test.ts', test: 'opens' },
    { row: '1.4-15', how: 'api', file: 'a.test.ts', test: 'opens' },
    { row: '1.1-18', how: 'setting', file: 'a.test.ts', test: 'it\'s "x" %s' },
  ]);
  expect(() => coversIn('a.test.ts', 'covers(row)')).toThrow('plain strings');
});

test('a row without a test, an unknown number, and a setting that works by now are complaints', () => {
  const all = Object.keys(featureRows).map((row) => ({ row, how: 'journey' as const, file: 'a', test: 'b' }));
  expect(complaints(all)).toEqual([]);
  expect(complaints(all.slice(1))).toEqual([`no test covers 1.1-01, ${featureRows['1.1-01']}`]);
  expect(complaints([...all, { row: '9.9-99', how: 'journey', file: 'a', test: 'b' }])).toHaveLength(1);
  expect(complaints([...all, { row: '1.3-05', how: 'setting', file: 'a', test: 'b' }])).toHaveLength(1);
});

test('a test that imports a verb or SQL reaches past, and what it covers does not count', () => {
  const sources = [
    "import { x } from '#tickets/store/ticket.ts';",
    "import { x } from '../../tickets/actions/open.ts';",
    "import { x } from '#test/harness/desk.ts';",
    "import type { Actor } from '#tickets/permission.ts';",
  ];
  expect(sources.map(reachesPast)).toEqual([true, true, false, false]);
  const past = [{ row: '1.1-01', how: 'journey' as const, file: 'a', test: 'b' }];
  expect(complaints([], past)[0]).toContain('(past Discord and HTTP: a)');
});
