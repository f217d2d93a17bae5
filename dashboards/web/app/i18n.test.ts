import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import en from '#locales/web/en.json' with { type: 'json' };
import { createI18n, directionOf } from './i18n.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = globSync('**/*.{ts,tsx}', { cwd: root, exclude: ['dist/**', '**/*.test.*'] });
const source = files.map((file) => readFileSync(`${root}/${file}`, 'utf8')).join('\n');
const base = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '');

it('has no text that nobody shows', () => {
  // Keys that are put together at run time: `delta.${…}` counts for everything below delta.
  const started = [...source.matchAll(/`([a-z][A-Za-z.]*\.)\$\{/g)].map((match) => match[1] ?? '');
  const isShown = (key: string) =>
    source.includes(`'${key}'`) || source.includes(`"${key}"`) || started.some((s) => key.startsWith(s));
  expect(
    Object.keys(en)
      .map(base)
      .filter((key) => !isShown(key)),
  ).toEqual([]);
});

it('keeps its keys in order and its plurals complete', () => {
  const keys = Object.keys(en);
  expect(keys).toEqual(keys.toSorted((a, b) => a.localeCompare(b, 'en')));
  const ones = keys.filter((key) => key.endsWith('_one')).map(base);
  expect(keys.filter((key) => key.endsWith('_other')).map(base)).toEqual(ones);
});

it('speaks plainly: no exclamation marks, no apologies', () => {
  for (const text of Object.values(en)) expect(text).not.toMatch(/!|sorry|oops|successfully|please/i);
});

it('takes the first language that it has, and English otherwise', () => {
  expect(createI18n(['xx', 'en-US']).language).toBe('en');
  expect(createI18n(['xx']).t('theme.dark')).toBe('Dark');
  expect([directionOf('ar-EG'), directionOf('en')]).toEqual(['rtl', 'ltr']);
});
