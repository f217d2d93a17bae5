import { isTextKey, translate } from '#locales/index.ts';
import { boundsOf } from '#tickets/settings/derive.ts';
import { groups, type Setting, type SettingName, settings } from '#tickets/settings/registry.ts';
import { table } from './table.ts';

const text = (key: string): string => {
  if (!isTextKey(key)) throw new Error(`locales/en.json lacks ${key}`);
  return translate('en', key);
};

/** docs/settings.md: what a server can set, from the settings registry. */
export function settingsPage(): string {
  const all = Object.entries(settings) as [SettingName, Setting][];
  const parts = groups.map((group) => {
    const rows = all
      .filter(([, setting]) => setting.group === group)
      .map(([name, setting]) => [
        text(`settings.${name}.title`),
        `\`${name}\``,
        boundsOf(name),
        setting.default === null || (Array.isArray(setting.default) && setting.default.length === 0)
          ? 'none'
          : `\`${String(setting.default)}\``,
        `${text(`settings.${name}.help`)}${setting.premium ? ' (premium)' : ''}`,
      ]);
    return `## /settings ${group}\n\n${table(['setting', 'name', 'takes', 'default', 'what it does'], rows)}\n`;
  });
  return `# Settings of a server\n\nSet by \`/settings <group>\` in Discord or \`PATCH /api/guilds/:guildId/settings\`. A server stores only what it chose; the rest follows the defaults. Where PREMIUM=entitled, what is marked premium can be chosen by servers that were entitled to it (docs/cli.md).\n\n${parts.join('\n')}`;
}
