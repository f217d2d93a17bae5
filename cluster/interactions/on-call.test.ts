import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, messageOf } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';
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

test('without a team there is nothing to be on call for; without the permission it is named', async () => {
  expect((await say(owner, 'on-call')).content).toContain('You are in no team');
  const botRole = (await bot.control.guild(guildId)).roles.find((one) => one.name === 'Bot');
  const lacking = String(BigInt(botRole?.permissions ?? 0) & ~(1n << 28n));
  await bot.control.updateRole(guildId, botRole?.id ?? '', { permissions: lacking });
  expect((await say(first, 'on-call')).content).toContain('lacks Manage Permissions in this server');
  await bot.control.updateRole(guildId, botRole?.id ?? '', { permissions: botRole?.permissions ?? '' });
});
