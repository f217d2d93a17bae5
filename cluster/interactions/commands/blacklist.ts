import { translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import { defineCommand } from '../define.ts';
import { mentionable } from '../options.ts';
import { mention } from '../texts.ts';
import { changeSettings, savedSettings } from './settings.ts';

/** Blocks a member or a role from opening tickets and from every command, or lets them again (features.md 1.2-21, C21). */
export const blacklistCommand = defineCommand({
  name: 'blacklist',
  level: 'admin',
  defer: 'ephemeral',
  options: { user_or_role: mentionable() },
  async run(call) {
    const { user_or_role: subject } = call.options;
    const { guild, guildId, locale, reply } = call;
    if (subject.id === guildId)
      throw new AppError('input.invalid', { field: 'user_or_role', fix: 'a role of its own' });
    const name = subject.kind === 'role' ? 'blockedRoles' : 'blockedUsers';
    const listed = guild.settings[name];
    const isBlocked = listed.includes(subject.id);
    const after = isBlocked ? listed.filter((id) => id !== subject.id) : [...listed, subject.id];
    const changed = await changeSettings(call, { [name]: after });
    const title = isBlocked ? 'commands.blacklist.lifted' : 'commands.blacklist.blocked';
    const content = translate(locale, title, { who: mention(subject) });
    await reply.show(await savedSettings(call, changed, { names: [name], content }));
  },
});
