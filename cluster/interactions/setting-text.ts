import { channelMention, escapeMarkdown, roleMention, userMention } from '#discord/markdown.ts';
import { isTextKey, type TextKey, translate } from '#locales/index.ts';
import { type LanguageCode, languages } from '#locales/languages.ts';
import { durationText } from '#tickets/settings/duration.ts';
import {
  type ListSetting,
  type Setting,
  type SettingName,
  type Settings,
  settings,
} from '#tickets/settings/registry.ts';

/** What values of settings mean in a server: names of what has one, and what Discord no longer has. */
export type Known = {
  /** Names of panels and schedules by id. */
  readonly names: ReadonlyMap<number, string>;
  /** Channels, categories and roles that settings name and the server has not; deleted panels and schedules by their id in digits. */
  readonly gone: ReadonlySet<string>;
};

const mentions = { category: channelMention, role: roleMention, user: userMention } as const;

/** A setting's title, for the name of a setting; anything else as it is. */
export function titleText(locale: string, name: string): string {
  const key = `settings.${name}.title`;
  return isTextKey(key) ? translate(locale, key) : name;
}

/** A setting's value in words. What is gone in Discord is said to be, and keeps its id. */
export function valueText(locale: string, name: SettingName, value: Settings[SettingName], known: Known): string {
  const setting: Setting = settings[name];
  const shown = (id: string, text: string): string =>
    known.gone.has(id) ? translate(locale, 'settings.gone', { id: `\`${id}\`` }) : text;
  if (value === null) return translate(locale, 'settings.none');
  switch (setting.kind) {
    case 'boolean':
      return translate(locale, value ? 'settings.on' : 'settings.off');
    case 'channel':
      return shown(String(value), channelMention(String(value)));
    case 'duration':
      return durationText(Number(value));
    case 'language':
      return languages[value as LanguageCode].name;
    case 'list':
      return listText(locale, setting, value as readonly string[], shown);
    case 'reference': {
      const label = known.names.get(Number(value));
      return shown(String(value), label === undefined ? String(value) : escapeMarkdown(label));
    }
    case 'choice':
      return translate(locale, `settings.${name}.${String(value)}` as TextKey);
    case 'text':
      return escapeMarkdown(String(value));
    case 'integer':
    case 'colour':
      return String(value);
  }
}

function listText(
  locale: string,
  setting: ListSetting,
  ids: readonly string[],
  shown: (id: string, text: string) => string,
): string {
  if (ids.length === 0) return translate(locale, 'settings.none');
  const texts = ids.map((id) => shown(id, mentions[setting.of](id)));
  // Cut between mentions, never within one: 200 characters hold eight of them.
  const most = 8;
  const rest = texts.length - most;
  const more = rest > 0 ? [translate(locale, 'settings.more', { count: rest })] : [];
  return [...texts.slice(0, most), ...more].join(' ');
}

/** What a setting takes, in words of a language: what `boundsOf` says in the API's. */
export function boundsText(locale: string, name: SettingName): string {
  const setting: Setting = settings[name];
  const say = (key: TextKey, vars = {}): string => translate(locale, key, vars);
  const orNone = (text: string, isNullable: boolean): string =>
    isNullable ? say('settings.bounds.or-none', { what: text }) : text;
  switch (setting.kind) {
    case 'boolean':
      return say('settings.bounds.boolean');
    case 'integer':
      return orNone(say('settings.bounds.integer', { min: setting.min, max: setting.max }), setting.nullable);
    case 'text':
      return orNone(say('settings.bounds.text', { max: setting.max }), setting.nullable);
    case 'duration':
      return say('settings.bounds.duration', { min: durationText(setting.min), max: durationText(setting.max) });
    case 'choice': {
      const of = setting.of.map((value) => say(`settings.${name}.${String(value)}` as TextKey));
      return say('settings.bounds.choice', { of: of.join(', ') });
    }
    case 'language':
      return say('settings.bounds.choice', { of: setting.of.join(', ') });
    case 'list':
      return say(`settings.bounds.list.${setting.of}`, { max: setting.max });
    case 'reference':
      return orNone(say(`settings.bounds.reference.${setting.to}`), true);
    case 'channel':
      return orNone(say(`settings.bounds.channel.${setting.types}`), true);
    case 'colour':
      return say('settings.bounds.colour');
  }
}
