import { truncate } from '#discord/markdown.ts';
import { isTextKey, translate } from '#locales/index.ts';
import { type Level, levels } from '#tickets/permission.ts';
import { defineCommand, type Handler } from '../define.ts';

/** A command's line; subcommands are one line with their command. */
const lineOf = (locale: string, name: string): string => {
  const key = `commands.${name}.description`;
  return `\`/${name}\` ${isTextKey(key) ? translate(locale, key) : ''}`.trim();
};

/** The lowest level that may use any of a command's subcommands. */
function levelsOf(handlers: readonly Handler[]): Map<string, Level> {
  const found = new Map<string, Level>();
  for (const { kind, name, level } of handlers) {
    const command = name.split(' ', 1)[0] ?? '';
    if (kind !== 'command') continue;
    const before = found.get(command);
    if (!before || levels.indexOf(level) > levels.indexOf(before)) found.set(command, level);
  }
  return found;
}

/**
 * Embeds that list what somebody of a level may use, members' commands first. An embed's description holds 4,096 characters, and all embeds of a
 * message 6,000 together: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
 */
export function helpEmbeds(locale: string, level: Level, handlers: readonly Handler[]) {
  const all = [...levelsOf(handlers)];
  const mine = levels.slice(levels.indexOf(level)).toReversed();
  return mine.flatMap((one) => {
    const names = all.filter(([, needed]) => needed === one).map(([name]) => name);
    if (names.length === 0) return [];
    const lines = names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => lineOf(locale, name));
    return [
      {
        title: translate(locale, `commands.help.${one}`),
        description: truncate(lines.join('\n'), perEmbed[one]),
      },
    ];
  });
}

/** Together below 6,000 with the titles. */
const perEmbed: Record<Level, number> = { member: 1_700, support: 1_800, admin: 2_000 };

/** `/help` (features.md 1.2-02) over commands that the registry names: it cannot import the list that it is in. */
export const helpCommandOf = (handlers: () => readonly Handler[]): Handler =>
  defineCommand({
    name: 'help',
    level: 'member',
    defer: 'ephemeral',
    run: ({ locale, level, reply }) => reply.show({ embeds: helpEmbeds(locale, level, handlers()) }),
  });
