import { ChannelType } from 'discord-api-types/v10';
import type { TextKey } from '#locales/index.ts';
import { languages } from '#locales/languages.ts';
import { snowflakeSource } from '#runtime/snowflake.ts';
import { AppError } from '#tickets/errors.ts';
import { boundsOf } from '#tickets/settings/derive.ts';
import { readDuration } from '#tickets/settings/duration.ts';
import { locales as languageCodes } from '#tickets/settings/locales.ts';
import { type Group, type ListSetting, type Setting, type SettingName, settings } from '#tickets/settings/registry.ts';
import { listReferable } from '#tickets/store/reference.ts';
import type { Suggest } from './define.ts';
import type { Option, Options } from './options.ts';

const channelTypes = {
  text: [ChannelType.GuildText, ChannelType.GuildAnnouncement],
  category: [ChannelType.GuildCategory],
} as const;

/** `openTicketsPerUser` → `open_tickets_per_user`: Discord's option names have no capitals. */
export const optionNameOf = (setting: SettingName): string =>
  setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The settings of a group, in the registry's order. */
export const entriesOf = (group: Group): [SettingName, Setting][] =>
  (Object.entries(settings) as [SettingName, Setting][]).filter(([, setting]) => setting.group === group);

function optionOf(name: SettingName, setting: Setting): Option {
  switch (setting.kind) {
    case 'boolean':
      return { kind: 'flag', optional: true };
    case 'integer':
      return { kind: 'integer', optional: true, min: setting.min, max: setting.max };
    case 'text':
      return { kind: 'text', optional: true, max: setting.max };
    case 'colour':
      return { kind: 'text', optional: true, max: 7 };
    case 'choice':
      return {
        kind: 'text',
        optional: true,
        max: 100,
        choices: setting.of.map((value) => ({ value, title: `settings.${name}.${String(value)}` as TextKey })),
      };
    case 'language':
      // More than the 25 choices that Discord allows; /language lists them.
      return { kind: 'text', optional: true, max: 20 };
    case 'duration':
      return { kind: 'text', optional: true, max: 20 };
    case 'list':
      return { kind: 'text', optional: true, max: 6_000 };
    case 'reference':
      return { kind: 'text', optional: true, max: 100 };
    case 'channel':
      return { kind: 'channel', optional: true, types: channelTypes[setting.types] };
  }
}

const isNullable = (setting: Setting): boolean => ('nullable' in setting ? setting.nullable : setting.default === null);
const choicesOf = (entries: readonly [SettingName, Setting][]) =>
  entries.map(([name]) => ({ value: name, title: `settings.${name}.title` as TextKey }));

/** The options of a group: one per setting, and two for what an option cannot say: none, and back to the default. */
export function optionsOf(group: Group): Options {
  const entries = entriesOf(group);
  const nullable = entries.filter(([, setting]) => isNullable(setting));
  return {
    ...Object.fromEntries(entries.map(([name, setting]) => [optionNameOf(name), optionOf(name, setting)])),
    ...(nullable.length > 0 && {
      none: { kind: 'text', optional: true, max: 100, choices: choicesOf(nullable) } as const,
    }),
    reset: { kind: 'text', optional: true, max: 100, choices: choicesOf(entries) },
  };
}

/** Mentions of each kind, and ids alone. https://discord.com/developers/docs/reference#message-formatting */
const written: Record<ListSetting['of'], RegExp> = {
  category: new RegExp(`^(?:<#)?(${snowflakeSource})>?$`),
  role: new RegExp(`^(?:<@&)?(${snowflakeSource})>?$`),
  user: new RegExp(`^(?:<@!?)?(${snowflakeSource})>?$`),
};

/** The ids of a list as people write it: mentions or ids, with spaces or commas between; null when anything else is in it. */
export function readList(setting: ListSetting, text: string): string[] | null {
  // Mentions may stand without a space between them: that is how Discord's client completes them.
  const parts = text
    .replaceAll('>', '> ')
    .split(/[\s,;]+/)
    .filter((part) => part !== '');
  const ids = parts.map((part) => written[setting.of].exec(part)?.[1]);
  return ids.length > 0 && ids.every((id) => id !== undefined) ? [...new Set(ids)] : null;
}

/** What is suggested while somebody types a value: languages, and what a reference may name. */
export function suggestsOf(group: Group): Readonly<Record<string, Suggest>> {
  const entries = entriesOf(group).flatMap(([name, setting]): [string, Suggest][] => {
    if (setting.kind === 'language') return [[optionNameOf(name), languagesLike]];
    if (setting.kind === 'reference') return [[optionNameOf(name), referableLike(setting.to)]];
    return [];
  });
  return Object.fromEntries(entries);
}

/** Languages whose code or name begins as somebody types. */
export const languagesLike: Suggest = async ({ typed }) => {
  const wanted = typed.trim().toLowerCase();
  return languageCodes
    .filter((code) => code.startsWith(wanted) || languages[code].name.toLowerCase().startsWith(wanted))
    .map((code) => ({ name: `${code} ${languages[code].name}`, value: code }));
};

/** Panels or schedules with what somebody types in their name; sent by id, so that two of one name are told apart. */
const referableLike =
  (to: 'panel' | 'schedule'): Suggest =>
  async ({ deps, guildId, typed }) => {
    const wanted = typed.trim().toLowerCase();
    const all = await listReferable(deps.ctx.db, guildId, { to });
    return all
      .filter((one) => !one.isDeleted && one.name.toLowerCase().includes(wanted))
      .map((one) => ({ name: one.name, value: String(one.id) }));
  };

/** What can be named by a reference. */
export type Referable = { readonly id: number; readonly name: string; readonly isDeleted: boolean };

/** A panel or schedule by its id or its name, in capitals or not; null when there is none, or more than one. */
export function readReference(text: string, all: readonly Referable[]): number | null {
  const wanted = text.trim().toLowerCase();
  const found = all.filter((one) => !one.isDeleted && one.name.trim().toLowerCase() === wanted);
  if (found.length === 1) return found[0]?.id ?? null;
  return all.find((one) => !one.isDeleted && String(one.id) === wanted)?.id ?? null;
}

/**
 * What an option's value means: durations, lists and references are written as text.
 * @throws AppError setting.invalid {field, fix} for what cannot be read
 */
export async function readOption(
  name: SettingName,
  given: unknown,
  referable: (to: 'panel' | 'schedule') => Promise<readonly Referable[]>,
): Promise<unknown> {
  const setting: Setting = settings[name];
  if (typeof given !== 'string') return given;
  const read = async (): Promise<unknown> => {
    if (setting.kind === 'duration') return readDuration(given);
    if (setting.kind === 'list') return readList(setting, given);
    if (setting.kind === 'reference') return readReference(given, await referable(setting.to));
    return given;
  };
  const value = await read();
  if (value === null) throw new AppError('setting.invalid', { field: name, fix: boundsOf(name) });
  return value;
}
