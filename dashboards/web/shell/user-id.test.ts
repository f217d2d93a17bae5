import { expect, it } from 'vitest';
import { onlyDigits, userIdIn } from './user-id.ts';

it('finds the id in digits and in a mention', () => {
  expect(userIdIn(' 1180000000000000000 ')).toBe('1180000000000000000');
  expect(userIdIn('<@1180000000000000000>')).toBe('1180000000000000000');
  expect(userIdIn('<@!1180000000000000000>')).toBe('1180000000000000000');
});

it.each(['', '123', 'nadia', '0180000000000000000', '118000000000000000000', '<#1180000000000000000>'])(
  'takes %s for none',
  (text) => {
    expect(userIdIn(text)).toBeNull();
  },
);

it('keeps the digits of what is pasted into the field', () => {
  expect(onlyDigits('<@!1180000000000000000> hello')).toBe('1180000000000000000');
  expect(onlyDigits('abc')).toBe('');
});
