import {
  type APIApplicationCommandBasicOption,
  type APIApplicationCommandOption,
  type APIApplicationCommandSubcommandOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type LocalizationMap,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  type RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from 'discord-api-types/v10';
import { isTextKey, locales, resources, translate } from '#locales/index.ts';
import { languages } from '#locales/languages.ts';
import type { Handler } from './define.ts';
import { type Option, optionTypes } from './options.ts';

const source = (key: string): string => {
  if (!isTextKey(key)) throw new Error(`locales/en.json lacks ${key}`);
  return translate('en', key);
};

function localised(key: string): LocalizationMap | undefined {
  const entries = locales.flatMap((locale) => {
    const text = locale === 'en' ? undefined : resources[locale][key];
    return text === undefined ? [] : languages[locale].discord.map((name) => [name, text] as const);
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function texts(nameKey: string, descriptionKey: string) {
  const [name_localizations, description_localizations] = [localised(nameKey), localised(descriptionKey)];
  return {
    description: source(descriptionKey),
    ...(name_localizations && { name_localizations }),
    ...(description_localizations && { description_localizations }),
  };
}

/** The locale key of an option's description. A setting’s option has the setting’s title: its help is in docs/settings.md, for a command may have 8,000 characters in all. */
function descriptionKeyOf(handler: Handler, name: string): string {
  const key = `commands.${handler.name.replace(' ', '.')}.options.${name}`;
  if (isTextKey(key)) return key;
  const shared = `commands.${handler.name.split(' ', 1)[0]}.options.${name}`;
  if (isTextKey(shared)) return shared;
  return `settings.${name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}.title`;
}

function optionOf(handler: Handler, name: string, option: Option): APIApplicationCommandBasicOption {
  const key = descriptionKeyOf(handler, name);
  const shared = { type: optionTypes[option.kind], name, ...texts(`${key}.name`, key), required: !option.optional };
  const limits = (): object => {
    switch (option.kind) {
      case 'text':
        return option.choices
          ? {
              choices: option.choices.map(({ value, title }) => {
                const name_localizations = localised(title);
                return { name: translate('en', title), value, ...(name_localizations && { name_localizations }) };
              }),
            }
          : { max_length: option.max, ...(handler.suggests[name] && { autocomplete: true }) };
      case 'integer':
        return option.of
          ? { choices: option.of.map((value) => ({ name: String(value), value })) }
          : { min_value: option.min, max_value: option.max };
      case 'channel':
        return { channel_types: [...option.types] };
      case 'flag':
      case 'user':
      case 'role':
      case 'mentionable':
        return {};
    }
  };
  return { ...shared, ...limits() } as APIApplicationCommandBasicOption;
}

/** Required options first, as Discord demands. */
const optionsOf = (handler: Handler): APIApplicationCommandBasicOption[] =>
  Object.entries(handler.options)
    .toSorted(([, a], [, b]) => Number(a.optional) - Number(b.optional))
    .map(([name, option]) => optionOf(handler, name, option));

/** What Discord shall know of the commands: `stats server` and `stats user` become one command with two subcommands. */
export function commandsOf(handlers: readonly Handler[]): RESTPostAPIChatInputApplicationCommandsJSONBody[] {
  const groups = Map.groupBy(
    handlers.filter((handler) => handler.kind === 'command'),
    (handler) => handler.name.split(' ', 1)[0] ?? '',
  );
  return [...groups].map(([name, members]) => {
    const key = `commands.${name}`;
    const options: APIApplicationCommandOption[] = members.flatMap((handler): APIApplicationCommandOption[] => {
      const sub = handler.name.split(' ')[1];
      if (!sub) return optionsOf(handler);
      const subcommand: APIApplicationCommandSubcommandOption = {
        type: ApplicationCommandOptionType.Subcommand,
        name: sub,
        ...texts(`${key}.${sub}.name`, `${key}.${sub}.description`),
        options: optionsOf(handler),
      };
      return [subcommand];
    });
    return {
      type: ApplicationCommandType.ChatInput,
      name,
      ...texts(`${key}.name`, `${key}.description`),
      options,
      contexts: [InteractionContextType.Guild],
      integration_types: [ApplicationIntegrationType.GuildInstall],
    };
  });
}

/** The entries of Discord's context menus. Their names may have capitals and spaces; they have no description. */
export function menusOf(handlers: readonly Handler[]): RESTPostAPIContextMenuApplicationCommandsJSONBody[] {
  return handlers.flatMap(({ kind, name, target }) => {
    if (kind !== 'menu') return [];
    const key = `commands.${name}.name`;
    const name_localizations = localised(key);
    return [
      {
        type: target === 'message' ? ApplicationCommandType.Message : ApplicationCommandType.User,
        name: source(key),
        ...(name_localizations && { name_localizations }),
        contexts: [InteractionContextType.Guild],
        integration_types: [ApplicationIntegrationType.GuildInstall],
      },
    ];
  });
}
