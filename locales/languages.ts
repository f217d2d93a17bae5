/** A language that people can choose: its name in itself, and Discord's names for it (https://discord.com/developers/docs/reference#locales). */
export type Language = { readonly name: string; readonly discord: readonly string[]; readonly isComplete: boolean };

const part = (name: string, ...discord: readonly string[]): Language => ({ name, discord, isComplete: false });
const complete = (name: string, ...discord: readonly string[]): Language => ({ name, discord, isComplete: true });

/** Every language with a file here, by ISO 639-1 code. What a file lacks is shown in English; a complete one lacks nothing (languages.test.ts). */
export const languages = {
  en: complete('English', 'en-US', 'en-GB'),
  ar: complete('العربية'),
  bg: part('български', 'bg'),
  cs: part('Čeština', 'cs'),
  da: part('Dansk', 'da'),
  de: complete('Deutsch', 'de'),
  el: part('Ελληνικά', 'el'),
  es: part('Español', 'es-ES', 'es-419'),
  fi: part('Suomi', 'fi'),
  fr: part('Français', 'fr'),
  hi: part('हिन्दी', 'hi'),
  hr: part('Hrvatski', 'hr'),
  hu: part('Magyar', 'hu'),
  id: part('Bahasa Indonesia', 'id'),
  it: part('Italiano', 'it'),
  ja: complete('日本語', 'ja'),
  ko: part('한국어', 'ko'),
  lt: part('Lietuvių', 'lt'),
  nl: part('Nederlands', 'nl'),
  no: part('Norsk', 'no'),
  pl: part('Polski', 'pl'),
  pt: part('Português', 'pt-BR'),
  ro: part('Română', 'ro'),
  ru: part('Русский', 'ru'),
  sv: part('Svenska', 'sv-SE'),
  th: part('ไทย', 'th'),
  tr: part('Türkçe', 'tr'),
  uk: part('Українська', 'uk'),
  vi: part('Tiếng Việt', 'vi'),
  zh: part('简体中文', 'zh-CN'),
} as const satisfies Record<string, Language>;
export type LanguageCode = keyof typeof languages;
