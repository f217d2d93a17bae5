import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { locales as chosen } from '#tickets/settings/locales.ts';
import { locales, resources } from './index.ts';
import { type LanguageCode, languages } from './languages.ts';

const codes = Object.keys(languages) as LanguageCode[];
const others = codes.filter((code) => code !== 'en');
const source: Readonly<Record<string, string>> = resources.en;
const form = /_(zero|one|two|few|many|other)$/;
const baseOf = (key: string): string => (`${key.replace(form, '')}_other` in source ? key.replace(form, '') : key);
/** The names in braces, each once: what a text is filled with. */
const holes = (text: string): string[] => [...new Set(text.match(/\{\{\w+\}\}/g))].sort();
/** The keys that a language needs: those of English, each plural in the forms that the language has. */
const keysOf = (code: LanguageCode): string[] => {
  const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
  return [...new Set(Object.keys(source).map(baseOf))].flatMap((key) =>
    key in source ? [key] : forms.map((one) => `${key}_${one}`),
  );
};

test('the list of languages, their files and what a server can choose are the same', () => {
  expect([...locales]).toEqual(codes.toSorted());
  expect([...chosen]).toEqual(codes.toSorted());
  expect(codes.length).toBeGreaterThan(20);
});

test.each(codes)('%s names no key twice, which JSON.parse would hide', async (code) => {
  const file = await readFile(new URL(`${code}.json`, import.meta.url), 'utf8');
  const names = [...file.matchAll(/^\s*("(?:[^"\\]|\\.)*")\s*:/gm)].map(([, name]) => JSON.parse(name ?? '') as string);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  // A key that is not at the beginning of a line would not be seen.
  expect(names.toSorted()).toEqual(Object.keys(JSON.parse(file) as object).toSorted());
});

test.each(others)('%s has only keys of English, in its own plural forms', (code) => {
  const known = new Set(keysOf(code));
  expect(Object.keys(resources[code]).filter((key) => !known.has(key))).toEqual([]);
});

test.each(others)('%s fills its texts with what English fills them with', (code) => {
  const wrong = Object.entries(resources[code]).filter(([key, text]) => {
    const wanted = source[key] ?? source[`${baseOf(key)}_other`] ?? '';
    const isWritten = text.trim() === text && text !== '';
    // A form for one or two of something may say so in a word.
    const mayLack = form.test(key) && !key.endsWith('_other') ? ['{{count}}'] : [];
    const lacking = holes(wanted).filter((hole) => !holes(text).includes(hole) && !mayLack.includes(hole));
    const extra = holes(text).filter((hole) => !holes(wanted).includes(hole));
    return !isWritten || lacking.length > 0 || extra.length > 0;
  });
  expect(wrong).toEqual([]);
});

test.each(others)('%s mentions nobody that English does not mention, and keeps its commands', (code) => {
  const marks = (text: string): string[] => (text.match(/@everyone|@here|<@|<#|<t:|`[^`]*`|\/[a-z]+\b/g) ?? []).sort();
  const wrong = Object.entries(resources[code]).filter(
    ([key, text]) => marks(text).join() !== marks(source[key] ?? source[`${baseOf(key)}_other`] ?? '').join(),
  );
  expect(wrong.map(([key]) => key)).toEqual([]);
});

test.each(others.filter((code) => languages[code].isComplete))('%s lacks nothing', (code) => {
  expect(keysOf(code).filter((key) => !(key in resources[code]))).toEqual([]);
});
