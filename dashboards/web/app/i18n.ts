import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from '#locales/web/en.json' with { type: 'json' };

type PluralForm = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
type WithoutPlural<K extends string> = K extends `${infer Base}_${PluralForm}` ? Base : K;
/** A key of the web's texts; plural forms count as one key, chosen by `count`. */
export type TextKey = WithoutPlural<keyof typeof en>;

const resources: Record<string, { translation: Record<string, string> }> = { en: { translation: en } };
const rightToLeft = new Set(['ar', 'fa', 'he', 'ur']);

/** Whether a language is written from right to left. */
export const directionOf = (language: string): 'ltr' | 'rtl' =>
  rightToLeft.has(language.split('-')[0] ?? '') ? 'rtl' : 'ltr';

/** The first of the reader's languages that there are texts for; `lang` and `dir` of the page follow it. */
export const createI18n = (wanted: readonly string[]): i18n => {
  const instance = createInstance();
  const language = wanted.map((tag) => tag.split('-')[0] ?? '').find((tag) => tag in resources) ?? 'en';
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    // Keys are flat and contain dots, as in locales/en.json.
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    showSupportNotice: false,
    // React escapes.
    interpolation: { escapeValue: false },
    resources,
  } as Parameters<typeof instance.init>[0]);
  if (typeof document !== 'undefined') {
    document.documentElement.lang = language;
    document.documentElement.dir = directionOf(language);
  }
  return instance;
};
