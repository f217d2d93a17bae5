import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, messageOf, press, pressables } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { startWeb, type Web } from '#test/harness/web.ts';

const database = await testDatabase();
const clickhouse = await testClickhouse();
let bot: Bot;
let web: Web;
let guildId: string;
let owner: string;
let desk: string;
let customers: string;
const places: string[] = [];

const by = (userId: string) => ({ guildId, channelId: desk, userId });
beforeAll(async () => {
  bot = await startBot({ database });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  // Before the API reads the channels: it remembers them for some seconds.
  for (const name of ['one', 'two', 'three']) places.push((await bot.control.createChannel(guildId, { name })).id);
  customers = (await bot.control.createRole(guildId, { name: 'Customers' })).id;
  await command(bot.control, by(owner), 'viewstaff');
  web = await startWeb(bot, { database, clickhouse, guildId, userId: owner });
});
afterAll(async () => {
  await web?.stop();
  await bot?.stop();
});

/** Makes a panel over the API and presses its button. */
async function pressNew(userId: string, panel: object) {
  const channelId = places.pop() ?? '';
  await web.make('panels', { channelId, ...panel });
  const [message] = await until(
    () => bot.control.messages(channelId),
    (list) => list.length > 0,
  );
  if (!message) throw new Error('no panel');
  return () => press(bot.control, userId, message, pressables(message)[0]?.customId ?? '');
}
const newMember = async (name: string) => (await bot.control.addMember(guildId, { name })).id;
const open = async () => (await web.get<{ tickets: object[] }>('tickets?status=open')).tickets;

test('a panel whose required role was deleted says that it is needed, to staff it opens', async () => {
  const member = await newMember('Member');
  await bot.control.updateMember(guildId, member, { roleIds: [customers] });
  const click = await pressNew(member, { requiredRoleIds: [customers] });
  await bot.control.deleteRole(guildId, customers);
  const answer = await click();
  expect(channelIn(answer)).toBeUndefined();
  expect(messageOf(answer).content).toContain('role');
  expect(await open()).toEqual([]);
});

test('a role of staff that was deleted keeps no ticket from opening', async () => {
  const role = (await bot.control.createRole(guildId, { name: 'Helpers' })).id;
  await command(bot.control, by(owner), 'addsupport', [{ name: 'user_or_role', value: role }]);
  const click = await pressNew(await newMember('Member 2'), {});
  await bot.control.deleteRole(guildId, role);
  expect(channelIn(await click())).toBeDefined();
});

test('who leaves between the click and the channel leaves nothing half-done', async () => {
  const member = await newMember('Member 3');
  const click = await pressNew(member, {});
  await Promise.all([click().catch(() => undefined), bot.control.removeMember(guildId, member)]);
  // Either there is a ticket with its channel, or neither.
  const channels = async () =>
    (await bot.control.channels(guildId)).filter(({ name }) => name.startsWith('ticket-')).length;
  await until(
    async () => ({ tickets: (await open()).length, channels: await channels() }),
    (now) => now.tickets === now.channels,
  );
  expect(await web.get<{ problems: object[] }>('problems')).toMatchObject({ problems: [] });
});
