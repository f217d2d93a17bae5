// Every text that people read, by key. Browser-safe: the web app uses the same files.
import { createInstance } from 'i18next';
import ar from './ar.json' with { type: 'json' };
import bg from './bg.json' with { type: 'json' };
import cs from './cs.json' with { type: 'json' };
import da from './da.json' with { type: 'json' };
import de from './de.json' with { type: 'json' };
import el from './el.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import fi from './fi.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };
import hi from './hi.json' with { type: 'json' };
import hr from './hr.json' with { type: 'json' };
import hu from './hu.json' with { type: 'json' };
import id from './id.json' with { type: 'json' };
import it from './it.json' with { type: 'json' };
import ja from './ja.json' with { type: 'json' };
import ko from './ko.json' with { type: 'json' };
import lt from './lt.json' with { type: 'json' };
import nl from './nl.json' with { type: 'json' };
import no from './no.json' with { type: 'json' };
import pl from './pl.json' with { type: 'json' };
import pt from './pt.json' with { type: 'json' };
import ro from './ro.json' with { type: 'json' };
import ru from './ru.json' with { type: 'json' };
import sv from './sv.json' with { type: 'json' };
import th from './th.json' with { type: 'json' };
import tr from './tr.json' with { type: 'json' };
import uk from './uk.json' with { type: 'json' };
import vi from './vi.json' with { type: 'json' };
import zh from './zh.json' with { type: 'json' };
import type { LanguageCode } from './languages.ts';

type PluralForm = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
type WithoutPlural<K extends string> = K extends `${infer Base}_${PluralForm}` ? Base : K;

/** A key of the source file `en.json`; plural forms (`…_one`, `…_other`) count as one key, chosen by `count`. */
export type TextKey = WithoutPlural<keyof typeof en>;
export type TextVars = Record<string, string | number>;

/** The texts of each language. A further one is its file, one import, one entry here and one in `languages`. */
export const resources: Readonly<Record<LanguageCode, Readonly<Record<string, string>>>> = {
  ar,
  bg,
  cs,
  da,
  de,
  el,
  en,
  es,
  fi,
  fr,
  hi,
  hr,
  hu,
  id,
  it,
  ja,
  ko,
  lt,
  nl,
  no,
  pl,
  pt,
  ro,
  ru,
  sv,
  th,
  tr,
  uk,
  vi,
  zh,
};
export const locales: readonly LanguageCode[] = Object.keys(resources) as LanguageCode[];

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
