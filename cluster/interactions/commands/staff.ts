import { truncate } from '#discord/markdown.ts';
import { translate } from '#locales/index.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { listStaff } from '#tickets/store/staff.ts';
import type { Staff } from '#tickets/permission.ts';
import { type Call, defineCommand } from '../define.ts';
import { type Mentioned, mentionable } from '../options.ts';
import { mention } from '../texts.ts';

async function add(call: Call, subject: Mentioned, level: 'admin' | 'support') {
  await addStaff(call.deps.ctx, call.guildId, {
    by: call.actor,
    subjectId: subject.id,
    subjectKind: subject.kind,
    level,
  });
  await call.reply.text(level === 'admin' ? 'commands.addadmin.done' : 'commands.addsupport.done', {
    who: mention(subject),
  });
}

/** Grants the dashboard and every ticket; gives no Discord permission (features.md 1.1-03). */
export const addAdmin = defineCommand({
  name: 'addadmin',
  level: 'admin',
  defer: 'ephemeral',
  options: { user_or_role: mentionable() },
  run: (call) => add(call, call.options.user_or_role, 'admin'),
});

/** Adds to the Default team (features.md 1.1-04). */
export const addSupport = defineCommand({
  name: 'addsupport',
  level: 'admin',
  defer: 'ephemeral',
  options: { user_or_role: mentionable() },
  run: (call) => add(call, call.options.user_or_role, 'support'),
});

/** Who is staff, users and roles (features.md 1.1-06). */
export const viewStaff = defineCommand({
  name: 'viewstaff',
  level: 'support',
  defer: 'ephemeral',
  async run({ deps, guildId, locale, reply }) {
    const staff = await listStaff(deps.ctx.db, guildId);
    const list = (level: Staff['level']): string => {
      const subjects = new Map(
        staff
          .filter((row) => row.level === level)
          .map((row) => [row.subjectId, mention({ id: row.subjectId, kind: row.subjectKind })]),
      );
      // An embed field holds 1,024 characters: about 40 mentions, each on its line.
      return truncate([...subjects.values()].join('\n') || translate(locale, 'commands.viewstaff.nobody'), 1024);
    };
    const field = (level: Staff['level']) => ({
      name: translate(locale, `commands.viewstaff.${level}`),
      value: list(level),
      inline: true,
    });
    await reply.show({
      embeds: [{ title: translate(locale, 'commands.viewstaff.title'), fields: [field('admin'), field('support')] }],
    });
  },
});
