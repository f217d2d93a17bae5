import { parse } from 'discord-markdown-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeMarkdown, timestamp, truncate } from './markdown.ts';

test('whatever somebody is called, an escaped name is text and nothing else', () => {
  const nasty = fc.stringMatching(/^[a-c1*_~`|>#\-+[\]()<:@!.&/ ]{1,24}$/);
  fc.assert(
    fc.property(nasty, (name) => {
      const kinds = new Set(parse(escapeMarkdown(name), 'extended').map((node) => node.type));
      expect([...kinds].filter((kind) => kind !== 'text')).toEqual([]);
    }),
  );
});

test.each(['**bold**', '@everyone', '<@123456789012345678>', '[a](https://b.example)', '# title', '||spoiler||'])(
  '%s loses its meaning',
  (text) => {
    expect(parse(escapeMarkdown(text), 'extended').every((node) => node.type === 'text')).toBe(true);
  },
);

test('a cut text ends in an ellipsis and never inside a character', () => {
  expect(truncate('abcdef', 6)).toBe('abcdef');
  expect(truncate('abcdefg', 6)).toBe('abcde…');
  expect(truncate('abcd😀fg', 6)).toBe('abcd…');
});

test('a timestamp is in whole seconds', () => {
  expect(timestamp(1_700_000_000_999, 'R')).toBe('<t:1700000000:R>');
});
