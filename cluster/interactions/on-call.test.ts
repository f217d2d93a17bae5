import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, messageOf } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { createTeam } from '#tickets/actions/create-team.ts';
import { deleteTeam } from '#tickets/actions/delete-team.ts';
import { removeStaff } from '#tickets/actions/remove-staff.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { listOnCall } from '#tickets/store/on-call.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let [owner, first, second, member] = ['', '', '', ''];
let talk: string;

beforeAll(async () => {
  bot = await startBot({ database });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  const others = (guild?.memberIds ?? []).filter((id) => id !== owner && id !== bot.simulator.applicationId);
  [first = '', second = '', member = ''] = others.slice(-3);
  talk = (await bot.control.createChannel(guildId, { name: 'talk' })).id;
  for (const value of [first, second]) await say(owner, 'addsupport', [{ name: 'user_or_role', value }]);
  const told = (await bot.control.createChannel(guildId, { name: 'staff' })).id;
  await setSettings(bot.ctx, guildId, {
    by: { id: owner, roleIds: [], isOwner: true, hasManageGuild: true },
    patch: { useThreads: true, threadNotificationChannel: told },
  });
});
afterAll(() => bot?.stop());

const say = async (userId: string, name: string, options: { name: string; value: string }[] = []) =>
  messageOf(await command(bot.control, { guildId, channelId: talk, userId }, name, options));
const onCallRoles = async () =>
  (await bot.control.guild(guildId)).roles.filter((role) => role.name.startsWith('On call: '));
const rolesOf = async (id: string) =>
  (await bot.control.guild(guildId)).members.find((one) => one.id === id)?.roleIds ?? [];
/** A member opens a ticket; answers who is in its thread. */
const open = async (): Promise<string[]> => {
  const threadId = channelIn({ messages: [await say(member, 'open')] } as never);
  return (await bot.control.channels(guildId)).find((one) => one.id === threadId)?.thread?.memberIds ?? [];
};

test('whoever is on call is pinged in new threads, which adds them; nobody is added to those that are there', async () => {
  covers('1.2-13');
  covers('1.9-05');
  expect(await open()).not.toContain(first);
  expect((await say(first, 'on-call')).content).toContain('You are on call for');
  const [role, ...more] = await onCallRoles();
  expect(more).toEqual([]);
  expect(role?.permissions).toBe('0');
  expect(await rolesOf(first)).toContain(role?.id);
  const people = await open();
  expect(people).toContain(first);
  expect(people).not.toContain(second);
  const threads = (await bot.control.channels(guildId)).filter((one) => one.thread !== null);
  expect(threads.filter((one) => one.thread?.memberIds.includes(first))).toHaveLength(1);
  expect((await say(first, 'on-call')).content).toContain('no longer on call');
  expect(await rolesOf(first)).not.toContain(role?.id);
  expect(await open()).not.toContain(first);
});

test('a role that was deleted by hand is made again; two at once make one', async () => {
  const [gone] = await onCallRoles();
  await bot.control.deleteRole(guildId, gone?.id ?? '');
  await Promise.all([say(first, 'on-call'), say(second, 'on-call')]);
  const [role, ...more] = await onCallRoles();
  expect(more).toEqual([]);
  expect(role?.id).not.toBe(gone?.id);
  expect((await listOnCall(bot.ctx.db, guildId)).map((row) => row.roleId)).toEqual([role?.id]);
  expect(await rolesOf(first)).toContain(role?.id);
  expect(await rolesOf(second)).toContain(role?.id);
});

test('who leaves a team, and a team that is deleted, leave no role behind', async () => {
  const by = { id: owner, roleIds: [], isOwner: true, hasManageGuild: true };
  const { id: teamId } = await createTeam(bot.ctx, guildId, { by, name: 'Night' });
  for (const subjectId of [first, second])
    await addStaff(bot.ctx, guildId, { by, teamId, subjectId, subjectKind: 'user', level: 'support' });
  for (const id of [first, second]) {
    const before = await rolesOf(id);
    await say(id, 'on-call');
    if (before.length > 0) await say(id, 'on-call'); // they were on call for the other team: this one is on now
  }
  const night = (await onCallRoles()).find((role) => role.name === 'On call: Night')?.id ?? '';
  expect(await rolesOf(first)).toContain(night);
  await removeStaff(bot.ctx, guildId, { by, teamId, subjectId: first });
  await until(
    () => rolesOf(first),
    (roles) => !roles.includes(night),
  );
  expect(await rolesOf(second)).toContain(night);
  // Discord is away for a moment: the job comes back.
  await bot.control.fault({ kind: 'status', status: 500, method: 'DELETE', path: `/guilds/${guildId}/roles/${night}` });
  await deleteTeam(bot.ctx, guildId, { by, teamId });
  await until(
    () => onCallRoles(),
    (roles) => !roles.some((role) => role.id === night),
  );
  expect(await rolesOf(second)).not.toContain(night);
  expect((await listOnCall(bot.ctx.db, guildId)).some((row) => row.teamId === teamId)).toBe(false);
  expect((await onCallRoles()).map((role) => role.name)).toEqual(['On call: Default']);
});

test('without a team there is nothing to be on call for; without the permission it is named', async () => {
  expect((await say(owner, 'on-call')).content).toContain('You are in no team');
  const botRole = (await bot.control.guild(guildId)).roles.find((one) => one.name === 'Bot');
  const lacking = String(BigInt(botRole?.permissions ?? 0) & ~(1n << 28n));
  await bot.control.updateRole(guildId, botRole?.id ?? '', { permissions: lacking });
  expect((await say(first, 'on-call')).content).toContain('lacks Manage Permissions in this server');
  await bot.control.updateRole(guildId, botRole?.id ?? '', { permissions: botRole?.permissions ?? '' });
});
