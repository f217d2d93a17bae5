import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, messageOf } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { covers } from '#test/harness/covers.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { startWeb, type Web } from '#test/harness/web.ts';

const database = await testDatabase();
const clickhouse = await testClickhouse();
let bot: Bot;
let web: Web;
let guildId: string;
let owner: string;
let desk: string;

const by = (userId: string) => ({ guildId, channelId: desk, userId });
beforeAll(async () => {
  bot = await startBot({ database, premium: 'entitled' });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  await command(bot.control, by(owner), 'viewstaff');
  web = await startWeb(bot, { database, clickhouse, guildId, userId: owner });
});
afterAll(async () => {
  await web?.stop();
  await bot?.stop();
});

test('a server without premium has three panels, however many are asked for at once', async () => {
  covers('1.4-19');
  const answers = await Promise.all(Array.from({ length: 6 }, () => web.ask('POST', 'panels', { channelId: desk })));
  expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 409, 409, 409]);
  const refused = answers.find(({ statusCode }) => statusCode === 409)?.json();
  expect(refused).toMatchObject({ code: 'panel.limit' });
});

test('/blacklist shuts a member or a role out of tickets and commands, and lets them in again', async () => {
  covers('1.2-21');
  const member = (await bot.control.addMember(guildId, { name: 'Member' })).id;
  const role = (await bot.control.createRole(guildId, { name: 'Muted' })).id;
  await bot.control.updateMember(guildId, member, { roleIds: [role] });
  const opens = async () => channelIn(await command(bot.control, by(member), 'open')) !== undefined;
  const toggle = async (id: string) =>
    messageOf(await command(bot.control, by(owner), 'blacklist', [{ name: 'user_or_role', value: id }])).content;
  for (const id of [member, role]) {
    expect(await toggle(id)).toContain('can open no tickets');
    expect(await opens()).toBe(false);
    expect(await toggle(id)).toContain('again');
    expect(await opens()).toBe(true);
  }
  const denied = await command(bot.control, by(member), 'blacklist', [{ name: 'user_or_role', value: owner }]);
  expect(messageOf(denied).content).toContain('Only admins');
});
