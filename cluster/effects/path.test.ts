import { type APIMessage, PermissionFlagsBits } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, fillIn, messageOf, press, pressables } from '#demo/act.ts';
import { readTicketByChannel } from '#tickets/store/ticket.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let staff: string;
let member: string;
let desk: string;

beforeAll(async () => {
  bot = await startBot({ database, publicUrl: 'https://docket.example' });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  const others = (guild?.memberIds ?? []).filter((id) => id !== owner && id !== bot.simulator.applicationId);
  [staff = '', member = ''] = others.slice(-2);
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
});
afterAll(() => bot?.stop());

const by = (userId: string, channelId = desk) => ({ guildId, channelId, userId });
const textOf = (message: APIMessage): string => JSON.stringify(message);

test('an owner makes a panel inside Discord, with a form', async () => {
  const offered = messageOf(await command(bot.control, by(owner), 'panel'));
  expect(textOf(offered)).toContain('https://docket.example');
  const [make] = pressables(offered);
  const form = await press(bot.control, owner, offered, make?.customId ?? '');
  const draft = messageOf(
    await fillIn(bot.control, owner, form, ['Billing', 'About money.', 'Ask', 'Which invoice?\nHow much?']),
  );
  expect(draft.embeds[0]).toMatchObject({ title: 'Billing', description: 'About money.' });
  const [channel] = pressables(draft);
  const chosen = messageOf(await press(bot.control, owner, draft, channel?.customId ?? '', [desk]));
  const publish = pressables(chosen).find((one) => one.customId.startsWith('panel-make'));
  await press(bot.control, owner, chosen, publish?.customId ?? '');
  const posted = await until(
    () => bot.control.messages(desk),
    (list) => list.some((one) => one.embeds[0]?.title === 'Billing'),
  );
  const panel = posted.find((one) => one.embeds[0]?.title === 'Billing');
  expect(pressables(panel as APIMessage)).toMatchObject([{ label: 'Ask' }]);
});

test('a click becomes a ticket: form, channel, welcome, claim, somebody added, close, direct message, stars', async () => {
  await command(bot.control, by(owner), 'addsupport', [{ name: 'user_or_role', value: staff }]);
  await command(bot.control, by(owner), 'settings', [
    { name: 'feedback', options: [{ name: 'feedback', value: true }] },
  ]);
  const panel = (await bot.control.messages(desk)).find((one) => one.embeds[0]?.title === 'Billing') as APIMessage;
  const form = await press(bot.control, member, panel, pressables(panel)[0]?.customId ?? '');
  expect(form.modal?.title).toBe('Billing');
  const answer = await fillIn(bot.control, member, form, ['Number 7', 'Ten']);
  const channelId = channelIn(answer) ?? '';
  expect(channelId).not.toBe('');

  const [welcome] = await until(
    () => bot.control.messages(channelId),
    (list) => list.length > 0,
  );
  expect(welcome?.content).toContain(`<@${member}>`);
  expect(welcome?.embeds.map((embed) => embed.fields?.map((field) => [field.name, field.value]))).toContainEqual([
    ['Which invoice?', 'Number 7'],
    ['How much?', 'Ten'],
  ]);
  const buttons = pressables(welcome as APIMessage).map((one) => one.customId.split(':')[0]);
  expect(buttons).toEqual(['close', 'close-reason', 'claim']);
  const seen = async () => (await bot.control.channels(guildId)).find((one) => one.id === channelId)?.overwrites ?? [];
  expect((await seen()).map((one) => one.id)).toEqual(expect.arrayContaining([guildId, member, staff]));

  const claimed = pressables(welcome as APIMessage).find((one) => one.customId.startsWith('claim'));
  await press(bot.control, staff, welcome as APIMessage, claimed?.customId ?? '');
  const helper = bot.simulator.guilds[0]?.memberIds.find((id) => ![owner, staff, member].includes(id)) ?? '';
  await command(bot.control, by(staff, channelId), 'add', [{ name: 'user', value: helper }]);
  await until(seen, (list) => list.some((one) => one.id === helper));

  const first = await press(
    bot.control,
    member,
    welcome as APIMessage,
    pressables(welcome as APIMessage)[0]?.customId ?? '',
  );
  const confirm = pressables(messageOf(first));
  expect(confirm).toMatchObject([{ label: 'Close the ticket' }]);
  await press(bot.control, member, messageOf(first), confirm[0]?.customId ?? '');
  await until(
    () => bot.control.channels(guildId),
    (list) => list.every((one) => one.id !== channelId),
  );
  const [closed] = await bot.control.directMessages(member);
  expect(textOf(closed as APIMessage)).toContain('https://docket.example/dashboard/');

  const four = pressables(closed as APIMessage)[3];
  await press(bot.control, member, closed as APIMessage, four?.customId ?? '');
  const [rated] = await bot.control.directMessages(member);
  expect(rated?.content).toContain('4 stars');
  const comment = pressables(rated as APIMessage).find((one) => one.customId.startsWith('rate-comment'));
  const asked = await press(bot.control, member, rated as APIMessage, comment?.customId ?? '');
  await fillIn(bot.control, member, asked, ['Fine']);
  const ticket = await readTicketByChannel(bot.ctx.db, guildId, channelId);
  expect(ticket).toMatchObject({ state: 'closed', rating: 4, claimedBy: staff, memberIds: [helper] });
  expect(ticket?.applied).toMatchObject({ replyToken: null, answered: true, problem: null });
});

test('closed direct messages are an outcome: the stars are asked for in the channel before it goes', async () => {
  await bot.control.setDmsClosed(member, true);
  const channelId =
    channelIn(await command(bot.control, by(member), 'open', [{ name: 'subject', value: 'Lost *password*' }])) ?? '';
  const [welcome] = await until(
    () => bot.control.messages(channelId),
    (list) => list.length > 0,
  );
  expect(welcome?.embeds[0]?.title).toBe('Lost \\*password\\*');
  await command(bot.control, by(staff, channelId), 'close', [{ name: 'reason', value: 'Done' }]);
  const list = await until(
    () => bot.control.messages(channelId),
    (all) => all.some((one) => pressables(one).length === 5),
  );
  const ask = list.find((one) => pressables(one).length === 5) as APIMessage;
  await press(bot.control, member, ask, pressables(ask)[4]?.customId ?? '');
  const ticket = await readTicketByChannel(bot.ctx.db, guildId, channelId);
  expect(ticket).toMatchObject({
    rating: 5,
    applied: { dmMessageId: 'none', problem: { code: 'discord.dms-closed' } },
  });
  await bot.control.setDmsClosed(member, false);
});

test('a missing permission is named, with its place, and costs no place under the limits', async () => {
  const { roles } = await bot.control.guild(guildId);
  const role = roles.find((one) => one.name === 'Bot');
  const lacking = BigInt(role?.permissions ?? 0) & ~PermissionFlagsBits.ManageChannels;
  await bot.control.updateRole(guildId, role?.id ?? '', { permissions: String(lacking) });
  const answer = messageOf(await command(bot.control, by(member), 'open'));
  const sentence =
    'Docket cannot do this: it lacks Manage Channels in this server. Ask an admin to give it that there.';
  expect(answer.content).toBe(sentence);
  await bot.control.updateRole(guildId, role?.id ?? '', { permissions: role?.permissions ?? '' });
  const one = [{ name: 'limits', options: [{ name: 'open_tickets_per_user', value: 1 }] }];
  await command(bot.control, by(owner), 'settings', one);
  expect(channelIn(await command(bot.control, by(member), 'open'))).toBeDefined();
  expect(messageOf(await command(bot.control, by(member), 'open')).content).toContain('You have 1 open tickets');
  const reset = [{ name: 'limits', options: [{ name: 'none', value: 'openTicketsPerUser' }] }];
  expect(textOf(messageOf(await command(bot.control, by(owner), 'settings', reset)))).toContain('"value":"None"');
});
