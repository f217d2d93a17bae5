import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { translate } from '#locales/index.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { removeStaff } from '#tickets/actions/remove-staff.ts';
import { listStaff } from '#tickets/store/staff.ts';
import type { Staff } from '#tickets/permission.ts';
import { buttons } from '../components.ts';
import { type Call, defineButton, defineCommand } from '../define.ts';
import { type Mentioned, mentionable } from '../options.ts';
import type { Shown } from '../reply.ts';
import { surroundingsOf } from '../surroundings.ts';
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

async function remove(call: Call, subject: Mentioned, level: 'admin' | 'support') {
  await removeStaff(call.deps.ctx, call.guildId, { by: call.actor, subjectId: subject.id, level });
  await call.reply.text(level === 'admin' ? 'commands.removeadmin.done' : 'commands.removesupport.done', {
    who: mention(subject),
  });
}

/** Revokes what /addadmin gave (features.md 1.1-05). */
export const removeAdmin = defineCommand({
  name: 'removeadmin',
  level: 'admin',
  defer: 'ephemeral',
  options: { user_or_role: mentionable() },
  run: (call) => remove(call, call.options.user_or_role, 'admin'),
});

/** Revokes what /addsupport gave (features.md 1.1-05). */
export const removeSupport = defineCommand({
  name: 'removesupport',
  level: 'admin',
  defer: 'ephemeral',
  options: { user_or_role: mentionable() },
  run: (call) => remove(call, call.options.user_or_role, 'support'),
});

/** An embed field holds 1,024 characters: https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const fieldMax = 1_024;

/** Lines up to what a field holds, cut between them; how many are left out is said. */
function fitted(locale: string, lines: readonly string[]): string {
  const room = fieldMax - translate(locale, 'settings.more', { count: lines.length }).length - 1;
  let length = 0;
  const fitting = lines.filter((line) => (length += line.length + 1) <= room);
  const rest = lines.length - fitting.length;
  return [...fitting, ...(rest > 0 ? [translate(locale, 'settings.more', { count: rest })] : [])].join('\n');
}

/** The roles among staff that the server has no more. */
async function goneRoles(call: Call, staff: readonly Staff[]): Promise<Set<string>> {
  const ids = staff.filter((row) => row.subjectKind === 'role').map((row) => row.subjectId);
  if (ids.length === 0) return new Set();
  const roles = await surroundingsOf(call.deps, call.guildId).roles();
  return new Set(ids.filter((id) => !roles.some((role) => role.id === id)));
}

/** Who is staff at each level; roles that were deleted stand there by their id, with a button that takes them out. */
async function shownStaff(call: Call): Promise<Shown> {
  const { deps, guildId, level: own, locale } = call;
  const staff = await listStaff(deps.ctx.db, guildId);
  const gone = await goneRoles(call, staff).catch(() => new Set<string>()); // a list is worth no failure: mentions show it too
  const field = (level: Staff['level']) => {
    const subjects = new Map(
      staff
        .filter((row) => row.level === level)
        .map(({ subjectId: subject, subjectKind: kind }) => [
          subject,
          gone.has(subject)
            ? translate(locale, 'settings.gone', { id: `\`${subject}\`` })
            : mention({ id: subject, kind }),
        ]),
    );
    return {
      name: translate(locale, `commands.viewstaff.${level}`),
      value: fitted(locale, [...subjects.values()]) || translate(locale, 'commands.viewstaff.nobody'),
      inline: true,
    };
  };
  const tidy = {
    type: ComponentType.Button as const,
    style: ButtonStyle.Secondary as const,
    label: translate(locale, 'buttons.staff-tidy.label'),
    custom_id: staffTidyButton.customId({}),
  };
  return {
    embeds: [{ title: translate(locale, 'commands.viewstaff.title'), fields: [field('admin'), field('support')] }],
    components: buttons(...(gone.size > 0 && own === 'admin' ? [tidy] : [])),
  };
}

/** Who is staff, users and roles (features.md 1.1-06). */
export const viewStaff = defineCommand({
  name: 'viewstaff',
  level: 'support',
  defer: 'ephemeral',
  run: async (call) => call.reply.show(await shownStaff(call)),
});

/** Takes roles that were deleted out of the staff: Discord lets nobody choose them any more. */
export const staffTidyButton = defineButton({
  name: 'staff-tidy',
  args: {},
  level: 'admin',
  defer: 'update',
  async run(call) {
    const { deps, guildId, actor } = call;
    const staff = await listStaff(deps.ctx.db, guildId);
    const gone = await goneRoles(call, staff);
    for (const { teamId, subjectId } of staff.filter((row) => gone.has(row.subjectId)))
      await removeStaff(deps.ctx, guildId, { by: actor, teamId, subjectId });
    await call.reply.show(await shownStaff(call));
  },
});
