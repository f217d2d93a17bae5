import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameInCustomId, readCustomId, widthOfCustomId, writeCustomId } from './custom-id.ts';
import { id, number, snowflake } from './options.ts';

const args = { guildId: snowflake(), ticketId: id(), rating: number(1, 5) };

test('what is written is read back, and is never longer than promised', () => {
  const values = fc.record({
    guildId: fc.oneof(fc.constant('0'), fc.bigInt({ min: 10n ** 16n, max: 92n * 10n ** 17n - 1n }).map(String)),
    ticketId: fc.maxSafeNat(),
    rating: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(values, (given) => {
      const written = writeCustomId('rate', args, given);
      expect(written.length).toBeLessThanOrEqual(widthOfCustomId('rate', args));
      expect(nameInCustomId(written)).toBe('rate');
      expect(readCustomId(args, written)).toEqual(given);
    }),
  );
});

test.each([
  'rate',
  'rate:1:2',
  'rate:1:2:6',
  'rate:1:2:0',
  'rate:x:2:3',
  'rate:1:-2:3',
  'rate:1:2:3:4',
  'rate:1:99999999999999999999:3',
])('an id that does not fit the declaration is refused: %s', (customId) =>
  expect(readCustomId(args, customId)).toBeNull(),
);

test('any text at all is read without throwing', () => {
  fc.assert(fc.property(fc.string(), (text) => void readCustomId(args, text)));
});
