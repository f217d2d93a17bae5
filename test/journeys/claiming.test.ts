import { type APIMessage, PermissionFlagsBits } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, fillIn, messageOf, press, pressables } from '#demo/act.ts';
import type { CommandOption } from '#simulator/client.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let desk: string;
let member: string;
let other: string;
let [first, second, boss, friend] = ['', '', '', ''];

const by = (userId: string, channelId = desk) => ({ guildId, channelId, userId });
const option = (name: string, value: string | boolean): CommandOption => ({ name, value });
/** What a command answers to whoever typed it, words only. */
async function answer(userId: string, channelId: string, name: string, options: CommandOption[] = []): Promise<string> {
  const { content, embeds } = messageOf(await command(bot.control, by(userId, channelId), name, options));
  return [content, ...embeds.map((one) => `${one.title ?? ''}\n${one.description ?? ''}`)].join('\n');
}
/** What whoever typed it reads first, even where everybody is told too. */
async function own(userId: string, channelId: string, name: string, options: CommandOption[] = []): Promise<string> {
  return (await command(bot.control, by(userId, channelId), name, options)).messages[0]?.content ?? '';
}
const set = (group: string, options: CommandOption[]) =>
  command(bot.control, by(owner), 'settings', [{ name: group, options }]);
async function open(subject = 'Help'): Promise<string> {
  const channelId = channelIn(await command(bot.control, by(member), 'open', [option('subject', subject)])) ?? '';
  await until(
    () => bot.control.messages(channelId),
    (list) => list.length > 0,
  );
  return channelId;
}
/** What somebody may do in a channel by an overwrite of their own. */
async function overwrite(channelId: string, id: string) {
  const channel = (await bot.control.channels(guildId)).find((one) => one.id === channelId);
  const found = channel?.overwrites.find((one) => one.id === id);
  const has = (bits: string | undefined, bit: bigint) => (BigInt(bits ?? 0) & bit) !== 0n;
  const { SendMessages, ViewChannel } = PermissionFlagsBits;
  return {
    sees: has(found?.allow, ViewChannel),
    writes: has(found?.allow, SendMessages) && !has(found?.deny, SendMessages),
    deny: BigInt(found?.deny ?? 0),
    parentId: channel?.parentId ?? null,
  };
}
const untilMay = (channelId: string, id: string, sees: boolean, writes: boolean) =>
  until(
    () => overwrite(channelId, id),
    (one) => one.sees === sees && one.writes === writes,
  );

beforeAll(async () => {
  bot = await startBot({ database, publicUrl: 'https://docket.example' });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  const join = async (name: string) => (await bot.control.addMember(guildId, { name })).id;
  [member, other, first, second, boss, friend] = [
    await join('Member'),
    await join('Other'),
    await join('First'),
    await join('Second'),
    await join('Boss'),
    await join('Friend'),
  ];
  for (const id of [first, second]) await command(bot.control, by(owner), 'addsupport', [option('user_or_role', id)]);
  await command(bot.control, by(owner), 'addadmin', [option('user_or_role', boss)]);
  await set('limits', [option('none', 'openTicketsPerUser')]);
});
afterAll(() => bot?.stop());

test('of two who claim at once one wins and the other is told who; the rest of the staff read, admins and added people go on writing', async () => {
  covers('1.2-07');
  covers('1.3-18');
  covers('1.6-02');
  covers('1.6-05');
  covers('1.6-06');
  covers('1.6-08');
  const channelId = await open();
  await command(bot.control, by(first, channelId), 'add', [option('user', friend)]);
  const said = await Promise.all([own(first, channelId, 'claim'), own(second, channelId, 'claim')]);
  const winner = said[0] === 'You hold this ticket now.' ? first : second;
  const loser = winner === first ? second : first;
  expect(said.toSorted()).toEqual([`<@${winner}> holds this ticket.`, 'You hold this ticket now.']);
  await untilMay(channelId, loser, true, false);
  for (const id of [winner, boss, friend, member]) await untilMay(channelId, id, true, true);

  covers('1.2-08');
  expect(await own(loser, channelId, 'unclaim')).toContain(`<@${winner}> holds this ticket.`);
  expect(await own(winner, channelId, 'unclaim')).toBe('The ticket is free again.');
  await untilMay(channelId, loser, true, true);
});

test('private shows a claimed ticket to its claimer and admins only, no-changes leaves everything, disabled refuses', async () => {
  covers('1.6-03');
  covers('1.6-04');
  const channelId = await open();
  await set('claiming', [option('claiming_mode', 'private')]);
  await command(bot.control, by(first, channelId), 'claim');
  await untilMay(channelId, second, false, false);
  for (const id of [first, boss, member]) await untilMay(channelId, id, true, true);
  await command(bot.control, by(boss, channelId), 'unclaim');
  await set('claiming', [option('claiming_mode', 'no-changes')]);
  await command(bot.control, by(first, channelId), 'claim');
  await untilMay(channelId, second, true, true);
  await command(bot.control, by(first, channelId), 'unclaim');
  await set('claiming', [option('claiming_mode', 'disabled')]);
  expect(await own(first, channelId, 'claim')).toBe('Claiming is switched off in this server.');
  await set('claiming', [{ name: 'reset', value: 'claimingMode' }]);
});

test('the claim button is there with claiming, and as the setting says', async () => {
  covers('1.3-17');
  const labels = async () =>
    pressables((await bot.control.messages(await open()))[0] as APIMessage).map((one) => one.label);
  expect(await labels()).toContain('Claim');
  await set('claiming', [option('claim_button', 'off')]);
  expect(await labels()).not.toContain('Claim');
  await set('claiming', [option('claim_button', 'usual'), option('claiming_mode', 'disabled')]);
  expect(await labels()).not.toContain('Claim');
  await set('claiming', [{ name: 'reset', value: 'claimingMode' }]);
});

test('a claim pings the opener once where the server wants it, and never about earlier claims', async () => {
  covers('1.3-19');
  const channelId = await open();
  const pings = async () =>
    (await bot.control.messages(channelId)).filter((one) =>
      one.embeds[0]?.description?.includes('looks after your ticket'),
    );
  await command(bot.control, by(first, channelId), 'claim');
  await set('claiming', [option('ping_opener_on_claim', true)]);
  await command(bot.control, by(first, channelId), 'topic', [option('text', 'Anything')]);
  await command(bot.control, by(first, channelId), 'transfer', [option('user', second)]);
  const [ping] = await until(pings, (list) => list.length > 0);
  expect([ping?.content, ping?.embeds[0]?.description]).toEqual([
    `<@${member}>`,
    `<@${second}> looks after your ticket now.`,
  ]);
  await command(bot.control, by(boss, channelId), 'add', [option('user', friend)]);
  await untilMay(channelId, friend, true, true);
  expect(await pings()).toHaveLength(1);
  await set('claiming', [option('ping_opener_on_claim', false)]);
});

test('an admin or staff assign a free ticket to staff; what somebody holds they or an admin pass on', async () => {
  covers('1.16-03');
  covers('1.2-09');
  const channelId = await open();
  const to = (id: string) => [option('user', id)];
  expect(await own(first, channelId, 'transfer', to(second))).toBe('Nobody holds this ticket.');
  expect(await own(boss, channelId, 'assign', to(other))).toContain('is not staff of this ticket');
  expect(await own(member, channelId, 'assign', to(first))).toContain('Only staff can do this.');
  expect(await own(boss, channelId, 'assign', to(first))).toBe(`<@${first}> holds this ticket now.`);
  await untilMay(channelId, second, true, false);
  expect(await own(second, channelId, 'assign', to(second))).toContain(`<@${first}> holds this ticket.`);
  expect(await own(first, channelId, 'transfer', to(second))).toBe(`<@${second}> holds this ticket now.`);
  await untilMay(channelId, second, true, true);
  await untilMay(channelId, first, true, false);
});

test('openers lose what the server takes from them, in tickets that are open too', async () => {
  covers('1.3-42');
  const channelId = await open();
  const { AttachFiles, SendTTSMessages } = PermissionFlagsBits;
  await untilMay(channelId, member, true, true);
  expect((await overwrite(channelId, member)).deny).toBe(0n);
  await set('members', [option('opener_files', false), option('opener_tts', false)]);
  await command(bot.control, by(member, channelId), 'add', [option('user', friend)]);
  await until(
    () => overwrite(channelId, member),
    (one) => one.deny === (AttachFiles | SendTTSMessages),
  );
  expect((await overwrite(channelId, friend)).deny).toBe(0n);
  await set('members', [{ name: 'reset', value: 'openerFiles' }]);
  await set('members', [{ name: 'reset', value: 'openerTts' }]);
});

async function makePanel(title: string, category: string): Promise<void> {
  const offered = messageOf(await command(bot.control, by(owner), 'panel'));
  const form = await press(bot.control, owner, offered, pressables(offered)[0]?.customId ?? '');
  const draft = messageOf(await fillIn(bot.control, owner, form, [title, 'About it.', 'Ask', '']));
  const [channel] = pressables(draft);
  const chosen = messageOf(await press(bot.control, owner, draft, channel?.customId ?? '', [desk]));
  const second = pressables(chosen).find((one) => one.customId.startsWith('panel-category'));
  const placed = messageOf(await press(bot.control, owner, chosen, second?.customId ?? '', [category]));
  const publish = pressables(placed).find((one) => one.customId.startsWith('panel-make'));
  await press(bot.control, owner, placed, publish?.customId ?? '');
}

test('a ticket goes to another panel, chosen while typing, with its category', async () => {
  covers('1.2-17');
  const category = (await bot.control.createChannel(guildId, { name: 'Billing', type: 4 })).id;
  await makePanel('Billing *panel*', category);
  const channelId = await open();
  const typing = async (userId: string, typed: string) => {
    const options = [{ name: 'to_panel', value: typed, focused: true }];
    return (await command(bot.control, by(userId, channelId), 'switchpanel', options)).choices;
  };
  const choices = await typing(first, 'bill');
  expect(choices?.map((one) => one.name)).toEqual(['Billing *panel*']);
  expect(await typing(first, 'nothing like it')).toEqual([]);
  expect(await typing(member, 'bill')).toEqual([]);
  const to = [option('to_panel', String(choices?.[0]?.value))];
  expect(await own(member, channelId, 'switchpanel', to)).toContain('Only staff can do this.');
  expect(await own(first, channelId, 'switchpanel', [option('to_panel', 'No such')])).toBe(
    'This panel no longer exists.',
  );
  expect(await own(first, channelId, 'switchpanel', to)).toBe('This ticket belongs to Billing \\*panel\\* now.');
  await until(
    () => overwrite(channelId, member),
    (one) => one.parentId === category && one.sees,
  );
});

test('priority, topic, name and labels are written, and all that happened can be read by the opener and staff', async () => {
  covers('1.2-05');
  covers('1.2-06');
  covers('1.2-15');
  covers('1.2-29');
  covers('1.2-30');
  covers('1.16-04');
  const channelId = await open();
  await command(bot.control, by(member, channelId), 'add', [option('user', friend)]);
  await command(bot.control, by(first, channelId), 'remove', [option('user', friend)]);
  expect(await answer(first, channelId, 'priority', [option('level', 'high')])).toContain('The priority is high now.');
  expect(await answer(first, channelId, 'topic', [option('text', '@everyone *bold*')])).toContain('\\*bold\\*');
  expect(await answer(first, channelId, 'rename', [option('new_ticket_name', 'vip-12')])).toContain('vip');
  const label = (userId: string, sub: string, options: CommandOption[]) =>
    answer(userId, channelId, 'label', [{ name: sub, options }]);
  expect(await label(first, 'create', [option('name', 'Bug')])).toContain('Only admins');
  expect(await label(owner, 'create', [option('name', 'Bug'), option('colour', '#ff0000')])).toContain('a label Bug');
  expect(await label(owner, 'create', [option('name', 'bug')])).toContain('already');
  expect(await label(owner, 'create', [option('name', 'Sum'), option('colour', 'red')])).toContain('such as #252B4C');
  expect(await label(first, 'add', [option('name', 'bug')])).toContain('Labels of this ticket: Bug');
  expect(await label(owner, 'list', [])).toContain('Bug');
  expect(await label(owner, 'delete', [option('name', 'Bug')])).toContain('is gone');
  expect(await label(first, 'remove', [option('name', 'Bug')])).toContain('Labels of this ticket: None');
  expect(await answer(member, channelId, 'priority', [option('level', 'low')])).toContain('Only staff can do this.');

  const read = async (userId: string) => {
    const shown = messageOf(await command(bot.control, by(userId, channelId), 'history'));
    const older = pressables(shown).find((one) => one.label === 'Older');
    const next = messageOf(await press(bot.control, userId, shown, older?.customId ?? ''));
    return [shown, next].map((one) => one.embeds[0]?.description ?? '').join('\n');
  };
  const told = await read(member);
  for (const sentence of [
    `<@${member}> opened it`,
    `<@${member}> added <@${friend}>`,
    `<@${first}> removed <@${friend}>`,
    `<@${first}> changed its priority from normal to high`,
    `<@${first}> wrote its topic: \\@\u200beveryone \\*bold\\*`,
    `<@${first}> named it vip\\-12`,
    `<@${first}> gave it the labels Bug`,
    `<@${first}> took its labels away`,
  ])
    expect(told).toContain(sentence);
  expect(await read(first)).toBe(told);
});

test('a link leads to the first message', async () => {
  covers('1.2-12');
  const channelId = await open();
  const [welcome] = await bot.control.messages(channelId);
  const shown = JSON.stringify(messageOf(await command(bot.control, by(member, channelId), 'jumptotop')).components);
  expect(shown).toContain(`/channels/${guildId}/${channelId}/${welcome?.id}`);
});

test('everybody lists their own tickets, open and closed, page by page, and nobody else’s', async () => {
  covers('1.2-27');
  expect(await answer(other, desk, 'tickets')).toContain('You have opened no ticket here.');
  for (let i = 0; i < 4; i += 1) await open(`Page ${i}`);
  const closing = await open('To *be* closed');
  await command(bot.control, by(first, closing), 'close');
  const page = messageOf(await command(bot.control, by(member), 'tickets'));
  const text = page.embeds[0]?.description ?? '';
  expect(text.split('\n')).toHaveLength(10);
  expect(text.split('\n')[0]).toContain('⚪');
  expect(text).toContain('To \\*be\\* closed');
  expect(text).toContain('🟢');
  const older = pressables(page).find((one) => one.label === 'Older');
  const next = messageOf(await press(bot.control, member, page, older?.customId ?? ''));
  const all = [text, next.embeds[0]?.description ?? ''].join('\n').split('\n');
  expect(new Set(all.map((line) => /#\d+/.exec(line)?.[0])).size).toBe(all.length);
});

test('what happens to tickets stands in the log channels, each change once', async () => {
  covers('1.3-25');
  covers('1.3-26');
  const make = async (name: string) => (await bot.control.createChannel(guildId, { name })).id;
  const [all, opened, closed] = [await make('log'), await make('opened'), await make('closed')];
  await set('logs', [
    option('log_channel', all),
    option('opened_log_channel', opened),
    option('closed_log_channel', closed),
  ]);
  const channelId = await open('Logged');
  await command(bot.control, by(first, channelId), 'claim');
  await command(bot.control, by(first, channelId), 'close', [option('reason', 'Done *well*')]);
  const told = async (id: string) =>
    (await bot.control.messages(id)).flatMap((one) =>
      one.embeds.map((embed) => embed.description?.split('\n')[1] ?? ''),
    );
  const lines = [`<@${member}> opened it`, `<@${first}> took it`, `<@${first}> closed it: Done \\*well\\*`];
  await until(
    () => told(all),
    (list) => list.length >= 3,
  );
  expect(await told(all)).toEqual(lines);
  await until(
    () => told(closed),
    (list) => list.length > 0,
  );
  expect([await told(opened), await told(closed)]).toEqual([[lines[0]], [lines[2]]]);
});

test('a ticket in a thread cannot be claimed, assigned or moved', async () => {
  covers('1.6-01');
  await set('opening', [option('manual_ticket_style', 'thread')]);
  const channelId = channelIn(await command(bot.control, by(member), 'open')) ?? '';
  expect(await own(owner, channelId, 'claim')).toContain('Threads cannot be claimed.');
  expect(await own(owner, channelId, 'assign', [option('user', first)])).toContain('Threads cannot be claimed.');
  await set('opening', [{ name: 'reset', value: 'manualTicketStyle' }]);
});
