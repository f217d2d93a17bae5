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
  for (const { kind, name, level, target } of handlers) {
    const command = name.split(' ', 1)[0] ?? '';
    // Context menus are found where they are used.
    if (kind !== 'command' || target !== null) continue;
    const before = found.get(command);
    if (!before || levels.indexOf(level) > levels.indexOf(before)) found.set(command, level);
  }
  return found;
}

// An embed's description holds 4,096 characters, all embeds of a message 6,000 together with their titles:
// https://discord.com/developers/docs/resources/message#embed-object-embed-limits
const perEmbed = 4_096;
const together = 6_000;

/** Embeds that list what somebody of a level may use, members' commands first. Where descriptions have no room, the names stand alone. */
export function helpEmbeds(locale: string, level: Level, handlers: readonly Handler[]) {
  const all = [...levelsOf(handlers)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const mine = levels.slice(levels.indexOf(level)).toReversed();
  const list = (write: (names: readonly string[]) => string) =>
    mine.flatMap((one) => {
      const names = all.filter(([, needed]) => needed === one).map(([name]) => name);
      if (names.length === 0) return [];
      return [{ title: translate(locale, `commands.help.${one}`), description: write(names) }];
    });
  const embeds = list((names) => names.map((name) => lineOf(locale, name)).join('\n'));
  const total = embeds.reduce((sum, { title, description }) => sum + title.length + description.length, 0);
  if (total <= together && embeds.every(({ description }) => description.length <= perEmbed)) return embeds;
  // At most 100 commands of 32 characters (Discord's limits), so these always fit.
  return list((names) => names.map((name) => `\`/${name}\``).join(' '));
}

/** `/help` (features.md 1.2-02) over commands that the registry names: it cannot import the list that it is in. */
export const helpCommandOf = (handlers: () => readonly Handler[]): Handler =>
  defineCommand({
    name: 'help',
    level: 'member',
    defer: 'ephemeral',
    run: ({ locale, level, reply }) => reply.show({ embeds: helpEmbeds(locale, level, handlers()) }),
  });
