import { ChannelType } from 'discord-api-types/v10';
import { channelMention, roleMention, truncate, userMention } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { type LanguageCode, languages } from '#locales/languages.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { durationText, readDuration } from '#tickets/settings/duration.ts';
import {
  type Group,
  groups,
  type ListSetting,
  type Setting,
  type SettingName,
  type Settings,
  settings,
} from '#tickets/settings/registry.ts';
import { type Call, defineCommand, type Handler } from '../define.ts';
import type { Option, Options } from '../options.ts';

const channelTypes = { text: [ChannelType.GuildText], category: [ChannelType.GuildCategory] } as const;

/** `openTicketsPerUser` → `open_tickets_per_user`: Discord's option names have no capitals. */
export const optionNameOf = (setting: SettingName): string =>
  setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const entriesOf = (group: Group): [SettingName, Setting][] =>
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
      return { kind: 'text', optional: true, max: 2 };
    case 'duration':
      return { kind: 'text', optional: true, max: 20 };
    case 'list':
      return { kind: 'text', optional: true, max: 6_000 };
    case 'reference':
      return { kind: 'integer', optional: true, min: 1_000, max: Number.MAX_SAFE_INTEGER };
    case 'channel':
      return { kind: 'channel', optional: true, types: channelTypes[setting.types] };
  }
}

const isNullable = (setting: Setting): boolean => ('nullable' in setting ? setting.nullable : setting.default === null);

/** What an option's value means: durations and lists are written as text. What cannot be read is left as it is, for the validator to refuse. */
function readOption(setting: Setting, given: unknown): unknown {
  if (typeof given !== 'string') return given;
  if (setting.kind === 'duration') return readDuration(given) ?? given;
  if (setting.kind === 'list') return [...new Set([...given.matchAll(/\d{17,20}/g)].map(([id]) => id))];
  return given;
}
const titleOf = (name: SettingName): TextKey => `settings.${name}.title`;
const choicesOf = (entries: readonly [SettingName, Setting][]) =>
  entries.map(([name]) => ({ value: name, title: titleOf(name) }));

/** The options of a group: one per setting, and two for what an option cannot say: none, and back to the default. */
function optionsOf(group: Group): Options {
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

const mentions = { category: channelMention, role: roleMention, user: userMention } as const;
const listText = (locale: string, setting: ListSetting, ids: readonly string[]): string =>
  ids.length === 0 ? translate(locale, 'settings.none') : ids.map(mentions[setting.of]).join(' ');

/** A setting's value in words. */
export function valueText(locale: string, name: SettingName, value: Settings[SettingName]): string {
  const setting: Setting = settings[name];
  if (value === null) return translate(locale, 'settings.none');
  if (setting.kind === 'boolean') return translate(locale, value ? 'settings.on' : 'settings.off');
  if (setting.kind === 'channel') return channelMention(String(value));
  if (setting.kind === 'duration') return durationText(Number(value));
  if (setting.kind === 'language') return languages[String(value) as LanguageCode].name;
  if (setting.kind === 'list') return listText(locale, setting, value as readonly string[]);
  if (setting.kind === 'choice') return translate(locale, `settings.${name}.${String(value)}` as TextKey);
  return String(value);
}

async function run(call: Call & { options: Record<string, unknown> }, group: Group) {
  const { deps, guildId, actor, options, locale, reply } = call;
  const patch: Record<string, unknown> = {};
  for (const [name, setting] of entriesOf(group)) {
    const given = options[optionNameOf(name)];
    if (given !== null && given !== undefined) patch[name] = readOption(setting, given);
  }
  if (typeof options.none === 'string') patch[options.none] = null;
  const reset = typeof options.reset === 'string' ? [options.reset] : [];
  const isChange = Object.keys(patch).length + reset.length > 0;
  const current = isChange
    ? (await setSettings(deps.ctx, guildId, { by: actor, patch, reset })).settings
    : call.guild.settings;
  await reply.show({
    content: isChange ? translate(locale, 'commands.settings.done') : '',
    embeds: [
      {
        title: translate(locale, `settings.groups.${group}`),
        // 25 fields of 1,024 characters could pass an embed's 6,000: long texts are cut.
        fields: entriesOf(group).map(([name]) => ({
          name: translate(locale, titleOf(name)),
          value: truncate(valueText(locale, name, current[name]), 200),
          inline: true,
        })),
      },
    ],
  });
}

/** `/settings <group>`: shows a group, or changes what is given. Everything about them is in the settings registry. */
export const settingsCommands: readonly Handler[] = groups.map((group) =>
  defineCommand({
    name: `settings ${group}`,
    level: 'admin',
    defer: 'ephemeral',
    options: optionsOf(group),
    run: (call) => run(call, group),
  }),
);
