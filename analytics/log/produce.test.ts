import { expect, test } from 'vitest';
import { chunksOf, unacknowledged } from './produce.ts';

const message = (key: string, bytes: number) => ({ key, value: 'x'.repeat(bytes) });

test('messages go in requests of bounded weight, in order, none left out', () => {
  const messages = [message('a', 400), message('b', 500), message('c', 200), message('d', 2_000), message('e', 1)];
  const chunks = [...chunksOf(messages, 1_000)].map((chunk) => chunk.map(({ key }) => key).join(''));
  expect(chunks).toEqual(['ab', 'c', 'd', 'e']);
  expect([...chunksOf([], 1_000)]).toEqual([]);
});

test('weight is counted in bytes, not in letters', () => {
  expect([...chunksOf([message('a', 10), { key: 'b', value: '😀'.repeat(10) }], 45)]).toHaveLength(2);
});

test('a partition that was written to and not answered for is missing', () => {
  expect(unacknowledged(new Set([0, 1, 5]), [5, 0])).toEqual([1]);
  expect(unacknowledged(new Set([0]), [0])).toEqual([]);
});
