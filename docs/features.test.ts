import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allCovers, complaints, coversIn, reachingPast, testFiles } from './generate/features.ts';
import { featureRows } from './generate/feature-rows.ts';

test('every feature is shown by a test, and no test names one that is not there', () => {
  expect(complaints(allCovers())).toEqual([]);
});

test('what shows a feature goes through Discord and HTTP', () => {
  expect(reachingPast(testFiles().map((file) => ({ file, source: readFileSync(file, 'utf8') })))).toEqual([]);
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

test('a file with covers that imports a verb or SQL reaches past', () => {
  const shows = "covers('1.2-14')";
  const files = [
    { file: 'a', source: `import { x } from '#tickets/store/ticket.ts'; ${shows}` },
    { file: 'b', source: `import { x } from '../../tickets/actions/open.ts'; ${shows}` },
    { file: 'c', source: `import { x } from '#test/harness/desk.ts'; ${shows}` },
    { file: 'd', source: `import { x } from '#tickets/store/ticket.ts';` },
  ];
  expect(reachingPast(files)).toEqual(['a', 'b']);
});
