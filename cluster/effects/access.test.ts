import { PermissionFlagsBits } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';

// Who sees open tickets follows who is staff and what the server chose, without anything being done in the tickets.
const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let staff: string;
let desk: string;
let tickets: { channelId: string; opener: string }[];

beforeAll(async () => {
  bot = await startBot({ database });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  const others = (guild?.memberIds ?? []).filter((id) => id !== owner && id !== bot.simulator.applicationId);
  const [first = '', second = '', last = ''] = others.slice(-3);
  staff = last;
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  tickets = [];
  for (const opener of [first, second]) {
    const answer = await command(bot.control, { guildId, channelId: desk, userId: opener }, 'open', []);
    tickets.push({ opener, channelId: channelIn(answer) ?? '' });
  }
});
afterAll(() => bot?.stop());

const asOwner = (name: string, options: Parameters<typeof command>[3]) =>
  command(bot.control, { guildId, channelId: desk, userId: owner }, name, options);
const overwrites = async () => {
  const channels = await bot.control.channels(guildId);
  return tickets.map(({ channelId }) => channels.find((one) => one.id === channelId)?.overwrites ?? []);
};
const isIn = (id: string) => async () => (await overwrites()).map((list) => list.some((one) => one.id === id));
const all = (wanted: boolean) => (list: boolean[]) => list.every((one) => one === wanted);

test('new staff see the open tickets, and removed staff lose sight of them', async () => {
  await asOwner('addsupport', [{ name: 'user_or_role', value: staff }]);
  await until(isIn(staff), all(true));
  await asOwner('removesupport', [{ name: 'user_or_role', value: staff }]);
  await until(isIn(staff), all(false));
  await asOwner('addadmin', [{ name: 'user_or_role', value: staff }]);
  await until(isIn(staff), all(true));
  await asOwner('removeadmin', [{ name: 'user_or_role', value: staff }]);
  await until(isIn(staff), all(false));
});

test('a support role of the settings sees the open tickets until it is taken out', async () => {
  const role =
    (await bot.control.guild(guildId)).roles.find((one) => one.name !== 'Bot' && one.id !== guildId)?.id ?? '';
  await asOwner('settings', [{ name: 'access', options: [{ name: 'support_roles', value: `<@&${role}>` }] }]);
  await until(isIn(role), all(true));
  await asOwner('removesupport', [{ name: 'user_or_role', value: role }]);
  await until(isIn(role), all(false));
});

test('what openers may do changes in the open tickets too', async () => {
  const mayAttach = async () =>
    (await overwrites()).map((list, i) => {
      const own = list.find((one) => one.id === tickets[i]?.opener);
      return (BigInt(own?.allow ?? 0) & PermissionFlagsBits.AttachFiles) !== 0n;
    });
  expect(await mayAttach()).toEqual([true, true]);
  await asOwner('settings', [{ name: 'members', options: [{ name: 'opener_files', value: false }] }]);
  await until(mayAttach, all(false));
});
