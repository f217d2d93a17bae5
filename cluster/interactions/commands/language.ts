import { coverageOf } from '#locales/coverage.ts';
import { guildLocale, translate } from '#locales/index.ts';
import { type LanguageCode, languages } from '#locales/languages.ts';
import { locales } from '#tickets/settings/locales.ts';
import { type Call, defineCommand } from '../define.ts';
import { text } from '../options.ts';
import { languagesLike } from '../setting-options.ts';
import { changeSettings, savedSettings } from './settings.ts';

/** A language in its own words. */
const nameOf = (code: string): string => languages[code as LanguageCode].name;

/** Every language with how much of it is translated, and which one is in force. */
function list({ guild, locale }: Call, head: string): { content: string } {
  const rows = locales.map((code) =>
    translate(locale, 'commands.language.row', { code, name: nameOf(code), percent: coverageOf(code) }),
  );
  const chosen = guild.settings.language;
  const now = chosen
    ? translate(locale, 'commands.language.chosen', { name: nameOf(chosen) })
    : translate(locale, 'commands.language.follows');
  return { content: [head, now, ...rows].join('\n') };
}

/** The language of a server (features.md 1.1-08): a code of two letters, `none` to follow the server's own in Discord. */
export const languageCommand = defineCommand({
  name: 'language',
  level: 'admin',
  defer: 'ephemeral',
  options: { language: text({ max: 20, optional: true }) },
  suggests: { language: languagesLike },
  async run(call) {
    const { options, locale, reply } = call;
    if (options.language === null) return reply.show(list(call, translate(locale, 'commands.language.title')));
    const code = options.language.trim().toLowerCase();
    const isFollowing = code === 'none' || code === 'auto';
    const known = locales.find((one) => one === code);
    // What was typed is not repeated: it may be anything.
    if (!isFollowing && !known) return reply.show(list(call, translate(locale, 'commands.language.unknown')));
    const changed = isFollowing
      ? await changeSettings(call, {}, ['language'])
      : await changeSettings(call, { language: known });
    const after = guildLocale(changed.settings.language, call.preferredLocale);
    const shown = await savedSettings({ ...call, locale: after }, changed, { names: ['language'] });
    await reply.show(shown);
  },
});
