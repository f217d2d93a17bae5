import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSequence } from './sequence.ts';

type Step = { kind: 'arrive'; replay: number } | { kind: 'finish'; pick: number } | { kind: 'pass' };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('arrive' as const), replay: fc.nat(3) }),
  fc.record({ kind: fc.constant('finish' as const), pick: fc.nat() }),
  fc.record({ kind: fc.constant('pass' as const) }),
);

test('the mark is always the last number below which everything that arrived is finished, and never falls', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.array(step, { maxLength: 80 }), (start, steps) => {
      const sequence = createSequence(start);
      let newest = start;
      let before = start;
      const open: { number: number; done: () => void }[] = [];
      for (const one of steps) {
        if (one.kind === 'arrive') {
          // A replay brings a number again, whether or not it was finished; else the next one comes.
          const number = one.replay === 0 && newest > start ? newest : (newest += 1);
          const isKnown = number <= sequence.durable;
          const done = sequence.begin(number);
          if (!isKnown) open.push({ number, done });
        } else if (one.kind === 'pass') sequence.pass((newest += 1));
        else if (open.length > 0) {
          const [finished] = open.splice(one.pick % open.length, 1);
          finished?.done();
          finished?.done(); // twice is once
        }
        const lowest = Math.min(...open.map(({ number }) => number));
        const expected = open.length > 0 ? Math.max(before, lowest - 1) : newest;
        expect(sequence.durable).toBe(expected);
        expect(sequence.durable).toBeGreaterThanOrEqual(before);
        before = sequence.durable;
      }
    }),
  );
});

test('what arrives out of order holds the mark below it', () => {
  const sequence = createSequence(10);
  const second = sequence.begin(12);
  const first = sequence.begin(11);
  second();
  expect(sequence.durable).toBe(10);
  first();
  expect(sequence.durable).toBe(12);
});
