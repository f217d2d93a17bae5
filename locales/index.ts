// Every text that people read, by key. Browser-safe: the web app uses the same files.
import { createInstance } from 'i18next';
import en from './en.json' with { type: 'json' };

type PluralForm = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
type WithoutPlural<K extends string> = K extends `${infer Base}_${PluralForm}` ? Base : K;

/** A key of the source file `en.json`; plural forms (`…_one`, `…_other`) count as one key, chosen by `count`. */
export type TextKey = WithoutPlural<keyof typeof en>;
export type TextVars = Record<string, string | number>;

/** Languages that have a file here. A further language is one import and one entry. */
export const resources: Record<string, Record<string, string>> = { en };
export const locales: readonly string[] = Object.keys(resources);

const i18n = createInstance();
void i18n.init({
  // Keys are flat: error codes and setting names contain dots, and a flat file can be grepped.
  keySeparator: false,
  nsSeparator: false,
  fallbackLng: 'en',
  initAsync: false,
  showSupportNotice: false,
  // Texts go to Discord and to React, never into HTML by hand; what people wrote is escaped for Markdown by the caller.
  interpolation: { escapeValue: false },
  resources: Object.fromEntries(Object.entries(resources).map(([code, texts]) => [code, { translation: texts }])),
} as Parameters<typeof i18n.init>[0]);

/** The text of `key` in `locale`; `en-GB` falls to `en`, and so does every text that a language lacks. */
export function translate(locale: string, key: TextKey, vars: TextVars = {}): string {
  return i18n.t(key, { ...vars, lng: locale });
}

/** Whether `en.json` has this key: for keys computed from names at run time. */
export function isTextKey(key: string): key is TextKey {
  return key in en || `${key}_other` in en;
}

/** The language of a server: chosen, else Discord's preferred one when we have it, else British English. */
export function guildLocale(chosen: string | null, preferred: string | null): string {
  const isKnown = (code: string | null): code is string =>
    code !== null && locales.some((known) => code.split('-')[0] === known);
  return isKnown(chosen) ? chosen : isKnown(preferred) ? preferred : 'en-GB';
}
