import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTopic, parseTopic } from './topic.ts';

test('a topic gives back the ticket it was made for, whatever people read in it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 999_999_999_999_999 }), fc.string({ maxLength: 2_000 }), (id, text) => {
      const topic = formatTopic(id, text);
      expect(topic.length).toBeLessThanOrEqual(1_024);
      expect(parseTopic(topic)).toBe(id);
    }),
  );
});

test('other topics name no ticket', () => {
  for (const topic of [
    null,
    undefined,
    '',
    'Docket ticket',
    'Docket ticket 12',
    'see Docket ticket 1000',
    'Docket ticket 1000 x',
  ]) {
    expect(parseTopic(topic)).toBeNull();
  }
});
