import { expect, test } from 'vitest';
import { choicePage, type Page, pageButtons, pageOf } from './pages.ts';

const list = (count: number) => Array.from({ length: count }, (_, i) => ({ id: i + 1 }));
const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);

test.each([0, 1, 24, 25, 26, 50, 51, 100])('of %d things each is on one page, the newest on the first', (count) => {
  const seen: number[][] = [];
  for (let page: number | null = 0; page !== null; ) {
    const shown: Page<{ id: number }> = pageOf(list(count), page);
    expect(shown.newer).toBe(page === 0 ? null : page - 1);
    seen.push(ids(shown.rows));
    page = shown.older;
  }
  expect(seen.toReversed().flat()).toEqual(ids(list(count)));
  expect(seen.every((rows) => rows.length <= 25)).toBe(true);
  expect(seen[0]?.at(-1)).toBe(count === 0 ? undefined : count);
});

test('a page that is no longer there is the last one', () => {
  expect(pageOf(list(30), 7)).toEqual(pageOf(list(30), 1));
  expect(pageOf([], 7)).toEqual({ rows: [], older: null, newer: null });
});

test('what was chosen is on every page; of the rest each is on one', () => {
  const chosen = [1, 2, 40];
  const seen: number[] = [];
  for (let page: number | null = 0; page !== null; ) {
    const shown: Page<{ id: number }> = choicePage(list(60), chosen, { page });
    expect(shown.rows.length).toBeLessThanOrEqual(25);
    expect(ids(shown.rows)).toEqual(expect.arrayContaining(chosen));
    seen.push(...ids(shown.rows).filter((id) => !chosen.includes(id)));
    page = shown.older;
  }
  expect(seen.toSorted((a, b) => a - b)).toEqual(ids(list(60)).filter((id) => !chosen.includes(id)));
  const full = ids(list(25));
  expect(choicePage(list(60), full, { page: 0 })).toEqual({ rows: list(25), older: null, newer: null });
  expect(ids(choicePage(list(25), [3], { page: 0 }).rows)).toEqual(full);
});

test('there is a button for each page that there is', () => {
  const labels = (o: { older: number | null; newer: number | null }) =>
    pageButtons('en', o, (page) => `x:${page}`).map((one) => ('custom_id' in one ? one.custom_id : ''));
  expect(labels({ older: null, newer: null })).toEqual([]);
  expect(labels({ older: 2, newer: 0 })).toEqual(['x:0', 'x:2']);
});
