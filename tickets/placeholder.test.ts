import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelName, fillIn, namePlaceholders, placeholdersIn, textPlaceholders, threadName } from './placeholder.ts';

const names = [...textPlaceholders, ...namePlaceholders];
const template = fc
  .array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...names.map((name) => `%${name}%`), '%', '%x%', '%%')),
  )
  .map((parts) => parts.join(''));
const values = fc
  .dictionary(
    fc.constantFrom(...names),
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('%user%', '<@1>', '@everyone')),
  )
  .map((known) => new Map(Object.entries(known)));

test('known placeholders are filled in, unknown ones and stray percent signs stay', () => {
  const known = new Map([
    ['user', '<@1>'],
    ['ticket_id', '12'],
  ]);
  expect(fillIn('Hello %user%, 100% of #%ticket_id% %nobody% %USER% %user', known, 4_096)).toBe(
    'Hello <@1>, 100% of #12 %nobody% %USER% %user',
  );
  expect([...placeholdersIn('%user% and %nobody% 5 %')]).toEqual(['user', 'nobody']);
});

test('what a value contains is never a placeholder again', () => {
  const known = new Map([
    ['username', '%user%'],
    ['user', 'no'],
  ]);
  expect(fillIn('%username%', known, 100)).toBe('%user%');
});

test('a value that does not fit is left out as a whole, a text is cut between characters', () => {
  expect(fillIn('ab%user%', new Map([['user', '<@123>']]), 5)).toBe('ab');
  expect(fillIn('a😀b', new Map(), 2)).toBe('a');
});

test('whatever is filled in where: never longer than allowed, never half a character, all known ones gone, all others there', () => {
  fc.assert(
    fc.property(template, values, fc.integer({ min: 0, max: 200 }), (text, known, max) => {
      const filled = fillIn(text, known, max);
      expect(filled.length).toBeLessThanOrEqual(max);
      // Half a character only where somebody wrote half a one.
      const whole = [text, ...known.values()].every((one) => one.isWellFormed());
      if (whole) expect(filled.isWellFormed()).toBe(true);
      const all = fillIn(text, known, 1_000_000);
      expect(all.startsWith(filled)).toBe(true);
      const expected = text.replace(/%([a-z0-9_]{1,64})%/g, (found, name: string) => known.get(name) ?? found);
      expect(all).toBe(expected);
    }),
  );
});

test('a name of a channel is what Discord would make of it: short, lower case, without spaces, mentions or Markdown', () => {
  expect(channelName('Ticket Ada *Lovelace* @everyone <@1>')).toBe('ticket-ada-lovelace-everyone-1');
  expect(channelName('チケット 7 🎫')).toBe('チケット-7-🎫');
  expect(channelName(' \u200b#@! ')).toBe('');
  expect(threadName('  Ticket\n1234\u202e ')).toBe('Ticket 1234');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const name = channelName(text);
      expect(name.length).toBeLessThanOrEqual(100);
      expect(name).not.toMatch(/[\s@#<>*`|~:]/u);
      expect(channelName(name)).toBe(name);
      expect(threadName(text).length).toBeLessThanOrEqual(100);
      expect(threadName(threadName(text))).toBe(threadName(text));
    }),
  );
});
