import { expect, test } from 'vitest';
import { isEntitled, mustBeEntitled } from './entitlement.ts';

test('with premium for everyone a server needs no grant', () => {
  expect(isEntitled('everyone', null, 5)).toBe(true);
  expect(isEntitled('everyone', 4, 5)).toBe(true);
});

test('with premium for the entitled a grant holds up to its moment', () => {
  const at = (until: number | null) => isEntitled('entitled', until, 5);
  expect([at(null), at(4), at(5), at(6)]).toEqual([false, false, true, true]);
});

test('what is not granted is named', () => {
  const ctx = { premium: 'entitled' as const, now: () => 5 };
  expect(() => mustBeEntitled(ctx, { entitledUntil: 5 }, 'panels')).not.toThrow();
  expect(() => mustBeEntitled(ctx, { entitledUntil: 4 }, 'panels')).toThrow(
    expect.objectContaining({ code: 'premium.required', context: { feature: 'panels' } }),
  );
});
