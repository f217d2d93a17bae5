import { expect, test } from 'vitest';
import { createReplays } from './replays.ts';

test('an id is new once, for as long as it is remembered', () => {
  const replays = createReplays(1_000);
  expect(replays.isNew('a', 0)).toBe(true);
  expect(replays.isNew('a', 999)).toBe(false);
  expect(replays.isNew('b', 999)).toBe(true);
  expect(replays.isNew('a', 1_000)).toBe(false);
  // `b` came at the end of the first second: it is still known a whole second later.
  expect(replays.isNew('b', 1_998)).toBe(false);
  expect(replays.isNew('a', 2_000)).toBe(true);
});

test('after a pause nothing is remembered', () => {
  const replays = createReplays(1_000);
  expect(replays.isNew('a', 0)).toBe(true);
  expect(replays.isNew('a', 2_000)).toBe(true);
});
