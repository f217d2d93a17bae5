import { type APIMessage, ChannelType } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, messageOf, press, pressables } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';

// Opening as people see it: through Discord alone.
const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let people: string[];
let desk: string;

beforeAll(async () => {
  bot = await startBot({ database });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  people = (guild?.memberIds ?? []).filter((id) => id !== owner && id !== bot.simulator.applicationId);
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  await bot.control.limits({ routeBuckets: false });
});
afterAll(() => bot?.stop());

const by = (userId: string, channelId = desk) => ({ guildId, channelId, userId });
const set = (group: string, options: Record<string, string | boolean | number>) =>
  command(bot.control, by(owner), 'settings', [
    { name: group, options: Object.entries(options).map(([name, value]) => ({ name, value })) },
  ]);
const open = (userId: string, subject?: string) =>
  command(bot.control, by(userId), 'open', subject === undefined ? [] : [{ name: 'subject', value: subject }]);
const says = async (answer: ReturnType<typeof command>) => JSON.stringify(messageOf(await answer));

test('/open opens a ticket, until it is switched off for all but staff', async () => {
  covers('1.2-14');
  covers('1.3-38');
  const [member = ''] = people;
  expect(channelIn(await open(member, 'A question'))).toBeDefined();
  await set('opening', { open_command: false });
  expect(await says(open(member))).toContain('not by /open');
  expect(channelIn(await open(owner))).toBeDefined();
  await set('opening', { open_command: true });
});

test('limits of a member and of the server hold, and say so', async () => {
  covers('1.3-15');
  covers('1.3-16');
  const [, member = ''] = people;
  await set('limits', { open_tickets_per_user: 1 });
  expect(channelIn(await open(member))).toBeDefined();
  expect(await says(open(member))).toContain('You have 1 open tickets');
  await set('limits', { open_tickets_per_user: 5, open_tickets_in_server: 1 });
  expect(await says(open(member))).toContain('This server has 1 open tickets');
  await command(bot.control, by(owner), 'settings', [
    { name: 'limits', options: [{ name: 'none', value: 'openTicketsInServer' }] },
  ]);
});

test('a message in the dedicated channel becomes a ticket with its text; the next line is sent there; bots open nothing', async () => {
  covers('1.16-01');
  const [, , member = ''] = people;
  const help = (await bot.control.createChannel(guildId, { name: 'ask-here' })).id;
  await set('opening', { dedicated_channel: help });
  const text = 'My **order** @everyone is [lost](https://evil.example)';
  const message = await bot.control.sendMessage({ channelId: help, userId: member, content: text });
  const ofMember = async () => {
    const channels = (await bot.control.channels(guildId)).filter((one) => one.type === ChannelType.GuildText);
    return channels.filter((one) => one.topic?.includes('Docket') && one.overwrites.some(({ id }) => id === member));
  };
  const [channel] = await until(ofMember, (list) => list.length > 0);
  const [welcome] = await until(
    () => bot.control.messages(channel?.id ?? ''),
    (list) => list.length > 0,
  );
  const quoted = JSON.stringify(welcome?.embeds);
  expect(quoted).toContain('My \\\\*\\\\*order');
  expect(quoted).toContain(`/${help}/${message.id}`);
  const notice = await until(
    () => bot.control.messages(help),
    (list) =>
      list.some((one) => one.content.includes(`<#${channel?.id}>`)) && list.every(({ id }) => id !== message.id),
  );
  expect(notice).toHaveLength(1);
  await bot.control.sendMessage({ channelId: help, userId: member, content: 'And one more thing' });
  await until(
    () => bot.control.messages(help),
    (list) => list.some((one) => one.content.includes('You have a ticket already')),
  );
  expect(await ofMember()).toHaveLength(1);
});

test('a message that cannot become a ticket is answered in its channel, with what is missing', async () => {
  const asking = people.at(-1) ?? '';
  const help = (await bot.control.createChannel(guildId, { name: 'ask-there' })).id;
  await set('opening', { dedicated_channel: help });
  await bot.control.limits({ channelsPerGuild: (await bot.control.channels(guildId)).length });
  const { id } = await bot.control.sendMessage({ channelId: help, userId: asking, content: 'Hello?' });
  const said = (text: string) =>
    until(
      () => bot.control.messages(help),
      (list) => list.some((one) => one.content.includes(text)),
    );
  const waiting = await said('number 1 in line');
  expect(waiting.map((one) => one.id)).toContain(id);
  await bot.control.limits({ channelsPerGuild: 500 });
  const now = messageOf(await command(bot.control, by(owner), 'problems'));
  await press(bot.control, owner, now, pressables(now)[0]?.customId ?? '');
  await said('Your ticket is <#');
});

test('whoever is on the blocklist opens nothing and uses no command, but their own ticket goes on', async () => {
  covers('1.3-31');
  const [, , , member = ''] = people;
  const channelId = channelIn(await open(member)) ?? '';
  const role = await bot.control.createRole(guildId, { name: 'Blocked' });
  const before = (await bot.control.guild(guildId)).members.find(({ id }) => id === member)?.roleIds ?? [];
  await bot.control.updateMember(guildId, member, { roleIds: [...before, role.id] });
  await set('access', { blocked_roles: `<@&${role.id}>` });
  expect(await says(open(member))).toContain('blocklist');
  expect(await says(command(bot.control, by(member), 'about'))).toContain('blocklist');
  expect(await says(command(bot.control, by(member), 'tickets'))).not.toContain('blocklist');
  await command(bot.control, by(member, channelId), 'close');
  await until(
    () => bot.control.channels(guildId),
    (list) => list.every((one) => one.id !== channelId),
  );
});

test('no room: the member reads their place in line, and their ticket opens when somebody’s is closed', async () => {
  await bot.control.limits({ channelsPerCategory: 1 });
  const only = await bot.control.createChannel(guildId, { name: 'Only', type: ChannelType.GuildCategory });
  await set('places', { ticket_category: only.id });
  const [a = '', b = '', c = ''] = people.slice(4);
  const first = channelIn(await open(a)) ?? '';
  const waiting = await open(b);
  expect(JSON.stringify(messageOf(waiting))).toContain('number 1 in line');
  const behind = await open(c);
  expect(JSON.stringify(messageOf(behind))).toContain('number 2 in line');
  const problems = messageOf(await command(bot.control, by(owner), 'problems'));
  expect(JSON.stringify(problems)).toContain('There is no room for another ticket now');
  expect(JSON.stringify(problems)).toContain('name overflow categories');
  await command(bot.control, by(a, first), 'close');
  const answerOf = async (id: string) => JSON.stringify((await bot.control.interaction(id)).messages);
  await until(
    () => answerOf(waiting.id),
    (text) => /Your ticket is <#\d+>/.test(text),
  );
  await until(
    () => answerOf(behind.id),
    (text) => text.includes('number 1 in line'),
  );
  await bot.control.limits({ channelsPerCategory: 50 });
  const now = messageOf(await command(bot.control, by(owner), 'problems'));
  const [retry] = pressables(now as APIMessage);
  await press(bot.control, owner, now as APIMessage, retry?.customId ?? '');
  await until(
    () => answerOf(behind.id),
    (text) => /Your ticket is <#\d+>/.test(text),
  );
  await until(
    async () => JSON.stringify(messageOf(await command(bot.control, by(owner), 'problems'))),
    (text) => text.includes('Nothing hinders'),
  );
});
