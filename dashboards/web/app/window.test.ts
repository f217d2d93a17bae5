import { expect, it } from 'vitest';
import { parseDays } from './window.ts';

it.each([
  [7, 7],
  ['90', 90],
  [30, 30],
  [undefined, 30],
  ['31', 30],
  [null, 30],
  [{}, 30],
])('reads the window %s of an address as %s days', (value, days) => {
  expect(parseDays(value)).toBe(days);
});
