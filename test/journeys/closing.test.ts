import type { APIMessage } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, fillIn, messageOf, press, pressables } from '#demo/act.ts';
import type { CommandOption } from '#simulator/client.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until as untilWithin } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const hours = 60 * 60_000;
const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let desk: string;
let log: string;
let [member, staff, stranger] = ['', '', ''];

const by = (userId: string, channelId = desk) => ({ guildId, channelId, userId });
const option = (name: string, value: string | boolean | number): CommandOption => ({ name, value });
const say = async (userId: string, channelId: string, name: string, options: CommandOption[] = []): Promise<string> =>
  messageOf(await command(bot.control, by(userId, channelId), name, options)).content;
/** Closes without reading the answer: the channel it stands in may be gone by then. */
const close = (userId: string, channelId: string, ...options: CommandOption[]) =>
  command(bot.control, by(userId, channelId), 'close', options);
const set = (group: string, ...options: CommandOption[]) =>
  command(bot.control, by(owner), 'settings', [{ name: group, options }]);
const textOf = (message: APIMessage | undefined): string => JSON.stringify(message);
const button = (message: APIMessage, name: string) =>
  pressables(message).find((one) => one.customId.split(':')[0] === name)?.customId ?? '';
const messages = (channelId: string) => bot.control.messages(channelId);
const isThere = async (channelId: string) => (await bot.control.channels(guildId)).some((one) => one.id === channelId);
const until = <T>(ask: () => Promise<T>, isRight: (answer: T) => boolean) => untilWithin(ask, isRight, 8_000);
/** What is seen after a while. A change of settings reaches the tickets a moment later, so the sweeps go on as they do in a worker. */
const later = <T>(afterMs: number, ask: () => Promise<T>, isRight: (answer: T) => boolean) =>
  until(async () => {
    await bot.timersIn(afterMs);
    return ask();
  }, isRight);
const untilGone = (channelId: string) =>
  until(
    () => isThere(channelId),
    (is) => !is,
  );
const untilSaid = async (channelId: string, words: string): Promise<APIMessage> => {
  const list = await until(
    () => messages(channelId),
    (all) => all.some((one) => textOf(one).includes(words)),
  );
  return list.find((one) => textOf(one).includes(words)) as APIMessage;
};
async function open(userId = member): Promise<{ channelId: string; welcome: APIMessage }> {
  const channelId = channelIn(await command(bot.control, by(userId), 'open', [option('subject', 'Help')])) ?? '';
  const welcome = (
    await until(
      () => messages(channelId),
      (list) => list.length > 0,
    )
  )[0] as APIMessage;
  return { channelId, welcome };
}
/** The newest summary in the transcripts channel, and the newest direct message. */
const told = async () => ({
  summary: (await messages(log)).findLast((one) => one.embeds.length > 0) as APIMessage,
  direct: (await bot.control.directMessages(member)).at(-1) as APIMessage,
});

beforeAll(async () => {
  bot = await startBot({ database, publicUrl: null });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  log = (await bot.control.createChannel(guildId, { name: 'transcripts' })).id;
  const join = async (name: string) => (await bot.control.addMember(guildId, { name })).id;
  [member, staff, stranger] = [await join('Member'), await join('Staff'), await join('Stranger')];
  await command(bot.control, by(owner), 'addsupport', [option('user_or_role', staff)]);
  await set('limits', option('none', 'openTicketsPerUser'));
  await set('logs', option('transcripts_channel', log));
});
afterAll(() => bot?.stop());

test('the button asks once more with a blue check, unless that is switched off; the command never does', async () => {
  covers('1.7-01');
  covers('1.3-06');
  covers('1.2-10');
  const asked = await open();
  const sure = messageOf(await press(bot.control, member, asked.welcome, button(asked.welcome, 'close')));
  expect(pressables(sure)).toMatchObject([{ label: 'Close the ticket' }]);
  expect(sure.components?.[0]).toMatchObject({ components: [{ style: 1, emoji: { name: '✔️' } }] });
  expect(await isThere(asked.channelId)).toBe(true);
  await press(bot.control, member, sure, button(sure, 'close-yes'));
  await untilGone(asked.channelId);
  const typed = await open();
  await bot.control.fault({
    kind: 'status',
    method: 'DELETE',
    path: `/channels/${typed.channelId}`,
    status: 503,
    count: 100,
  });
  expect(await say(member, typed.channelId, 'close')).toBe('The ticket is closed. This channel is deleted now.');
  await bot.control.clearFaults();
  await untilGone(typed.channelId);
  await set('closing', option('confirm_close', false));
  const quick = await open();
  await press(bot.control, member, quick.welcome, button(quick.welcome, 'close'));
  await untilGone(quick.channelId);
  await set('closing', option('confirm_close', true));
});

test('a reason is what was written, or the default, or none; where one is required the button leads to its form', async () => {
  covers('1.7-02');
  covers('1.3-07');
  covers('1.3-11');
  const first = await open();
  const form = await press(bot.control, staff, first.welcome, button(first.welcome, 'close-reason'));
  await fillIn(bot.control, staff, form, ['Paid *twice* @everyone']);
  await untilGone(first.channelId);
  expect(textOf((await told()).summary)).toContain('Paid \\\\*twice\\\\* \\\\@\u200beveryone');
  const second = await open();
  await close(staff, second.channelId);
  await untilGone(second.channelId);
  expect(textOf((await told()).summary)).toContain('No reason specified');
  await set('closing', option('close_requires_reason', true));
  const third = await open();
  expect(await say(staff, third.channelId, 'close')).toContain('wants a reason');
  const led = messageOf(await press(bot.control, member, third.welcome, button(third.welcome, 'close')));
  const asked = await press(bot.control, member, led, button(led, 'close-reason'));
  await fillIn(bot.control, member, asked, ['Found it']);
  await untilGone(third.channelId);
  expect(textOf((await told()).direct)).toContain('Found it');
  await set('closing', option('default_close_reason', 'Settled'));
  const fourth = await open();
  await close(staff, fourth.channelId);
  await untilGone(fourth.channelId);
  expect(textOf((await told()).summary)).toContain('Settled');
  await set('closing', option('close_requires_reason', false), option('none', 'defaultCloseReason'));
});

test('members close where they may, strangers never; without direct messages nobody is written to', async () => {
  covers('1.3-08');
  covers('1.3-09');
  await set('closing', option('users_can_close', false));
  const { channelId } = await open();
  expect(await say(member, channelId, 'close')).toBe('In this server staff close the tickets.');
  await set('closing', option('users_can_close', true), option('dm_on_close', false));
  await command(bot.control, by(owner, channelId), 'add', [option('user', stranger)]);
  expect(await say(stranger, channelId, 'close')).toContain('Only staff of this ticket and the member');
  const before = (await bot.control.directMessages(member)).length;
  await close(member, channelId);
  await untilGone(channelId);
  expect(await bot.control.directMessages(member)).toHaveLength(before);
  await set('closing', option('dm_on_close', true));
});

test('who closed is hidden from the member and shown to staff; an own closing is no secret', async () => {
  covers('1.3-10');
  await set('closing', option('hide_closer', true));
  const { channelId } = await open();
  await close(staff, channelId);
  await untilGone(channelId);
  const { summary, direct } = await told();
  expect(textOf(summary)).toContain(`<@${staff}>`);
  expect(textOf(direct)).toContain('was closed');
  expect(textOf(direct)).not.toContain(staff);
  const own = await open();
  await close(member, own.channelId);
  await untilGone(own.channelId);
  expect(textOf((await told()).direct)).toContain('Closed by');
  await set('closing', option('hide_closer', false));
});

test('the reason is written anew by staff and by who closed, in every summary; by nobody else', async () => {
  covers('1.7-03');
  const { channelId } = await open();
  await close(staff, channelId, option('reason', 'Refund'));
  await untilGone(channelId);
  const { summary } = await told();
  const amend = async (who: string, reason: string) => {
    const form = await press(bot.control, who, summary, button(summary, 'reason-edit'));
    return messageOf(await fillIn(bot.control, who, form, [reason])).content;
  };
  expect(await amend(stranger, 'Nonsense')).toContain('Only staff of this ticket and who closed it');
  expect(await amend(staff, 'Refund of 12 euros')).toBe('The reason is written anew.');
  const both = await until(told, (now) => [now.summary, now.direct].every((one) => textOf(one).includes('12 euros')));
  expect(both.summary.id).toBe(summary.id);
});

test('the opener is asked; denied, the message says so; a second request takes the place of the first; accepted, it closes with the reason', async () => {
  covers('1.7-04');
  covers('1.2-11');
  const { channelId } = await open();
  expect(await say(member, channelId, 'closerequest')).toContain('Only staff can do this');
  await say(staff, channelId, 'closerequest');
  const first = await untilSaid(channelId, 'May this ticket be closed?');
  expect(first.content).toBe(`<@${member}>`);
  expect(pressables(first).map((one) => one.label)).toEqual(['Yes, close it', 'No, keep it open']);
  const meddling = messageOf(await press(bot.control, owner, first, button(first, 'close-ok')));
  expect(meddling.content).toContain('Only the member who opened the ticket');
  await press(bot.control, member, first, button(first, 'close-no'));
  const denied = await untilSaid(channelId, 'Denied');
  expect([denied.id, pressables(denied)]).toEqual([first.id, []]);
  await say(staff, channelId, 'closerequest', [option('reason', 'One')]);
  const second = await untilSaid(channelId, 'Reason: One');
  await say(staff, channelId, 'closerequest', [option('reason', 'Two')]);
  const third = await untilSaid(channelId, 'Reason: Two');
  await untilSaid(channelId, 'took the place');
  expect(pressables((await messages(channelId)).find((one) => one.id === second.id) as APIMessage)).toEqual([]);
  await set('closing', option('users_can_close', false));
  await press(bot.control, member, third, button(third, 'close-ok'));
  await untilGone(channelId);
  expect(textOf((await told()).summary)).toContain('Two');
  await set('closing', option('users_can_close', true));
});

test('without an answer a delay closes with the reason, none waits for ever, exclusion beats both; staff take a request back', async () => {
  covers('1.7-05');
  covers('1.7-06');
  covers('1.7-12');
  covers('1.2-20');
  const [delayed, patient, excluded] = [await open(), await open(), await open()];
  await say(staff, delayed.channelId, 'closerequest', [option('close_delay', 2), option('reason', 'Silence')]);
  await say(staff, patient.channelId, 'closerequest', [option('reason', 'Silence')]);
  expect(await say(staff, excluded.channelId, 'autoclose', [{ name: 'exclude' } as CommandOption])).toContain(
    'does not close',
  );
  const answer = await say(staff, excluded.channelId, 'closerequest', [option('close_delay', 2)]);
  expect(answer).toContain('The delay does not count');
  expect(await say(member, delayed.channelId, 'autoclose', [{ name: 'status' } as CommandOption])).toContain(
    'if the close request is not answered',
  );
  await untilSaid(delayed.channelId, 'Without an answer it closes <t:');
  await bot.timersIn(1.9 * hours);
  expect(await isThere(delayed.channelId)).toBe(true);
  await bot.timersIn(2.1 * hours);
  await untilGone(delayed.channelId);
  expect(textOf((await told()).summary)).toContain('Silence');
  const asked = await untilSaid(patient.channelId, 'Silence');
  await bot.timersIn(2_000 * hours);
  await press(bot.control, staff, asked, button(asked, 'close-no'));
  await untilSaid(patient.channelId, 'took the question back');
  expect([await isThere(patient.channelId), await isThere(excluded.channelId)]).toEqual([true, true]);
  for (const one of [patient, excluded]) await close(staff, one.channelId);
});

test('tickets warn and close by themselves where that is switched on, and say when and why', async () => {
  covers('1.7-07');
  covers('1.7-09');
  covers('1.7-10');
  covers('1.7-11');
  covers('1.2-19');
  covers('1.3-28');
  covers('1.3-29');
  const configure = (...options: CommandOption[]) =>
    command(bot.control, by(owner), 'autoclose', [{ name: 'configure', options }]);
  const status = (channelId: string) => say(member, channelId, 'autoclose', [{ name: 'status' } as CommandOption]);
  const { channelId } = await open();
  const saved = messageOf(
    await configure(
      option('autoclose_inactive', '10h'),
      option('autoclose_warning', '1h'),
      option('stale_after', '5h'),
    ),
  );
  expect(textOf(saved)).toContain('10h');
  expect(
    await until(
      () => status(channelId),
      (text) => text !== '',
    ),
  ).toBe('This ticket does not close by itself.');
  await configure(option('autoclose', true));
  expect(
    await until(
      () => status(channelId),
      (text) => text.includes('closes <t:'),
    ),
  ).toContain('if nobody writes');
  await later(
    5.1 * hours,
    () => status(channelId),
    (text) => text.includes('It is stale since'),
  );
  await bot.timersIn(9.1 * hours);
  await untilSaid(channelId, 'Write a message to keep it open');
  await bot.timersIn(9.1 * hours);
  expect((await messages(channelId)).filter((one) => textOf(one).includes('Nobody has written'))).toHaveLength(1);
  await bot.timersIn(10.2 * hours);
  await untilGone(channelId);
  expect(textOf((await told()).summary)).toContain('Nobody wrote for 10h');
  const silent = await open();
  await configure(option('autoclose_no_response', '1h'), option('none', 'autocloseInactive'));
  await until(
    () => status(silent.channelId),
    (text) => text.includes('if the member does not write'),
  );
  await configure(option('none', 'autocloseWarning'));
  await later(
    1.1 * hours,
    () => isThere(silent.channelId),
    (is) => !is,
  );
  expect(textOf((await told()).summary)).toContain('The member did not write within 1h');
  await configure(option('autoclose', false));
});

test('many are closed at once after a look at which: by panel, inactivity, category or label; again changes nothing', async () => {
  covers('1.2-31');
  const [first, second, third] = [await open(), await open(), await open()];
  const closeAll = async (who: string, ...options: CommandOption[]) =>
    messageOf(await command(bot.control, by(who), 'closeall', options));
  expect((await closeAll(staff)).content).toContain('Only admins');
  expect((await closeAll(owner, option('inactive_for', '1h'))).content).toBe('No open ticket is like that.');
  expect((await closeAll(owner, option('inactive_for', 'soon'))).content).toContain('3d or 12h');
  expect((await closeAll(owner, option('panel', 'None such'))).content).toContain('no longer exists');
  const preview = await closeAll(owner, option('reason', 'Move to the new server'));
  expect(preview.embeds[0]?.title).toBe('3 tickets would be closed');
  expect(preview.embeds[0]?.description).toContain(`<#${second.channelId}>`);
  await close(member, third.channelId);
  await untilGone(third.channelId);
  const fresh = await open();
  const begun = await press(bot.control, owner, preview, button(preview, 'close-all'));
  expect(messageOf(begun).content).toMatch(/tickets (are being|were) /);
  await untilGone(first.channelId);
  await untilGone(second.channelId);
  expect(await isThere(fresh.channelId)).toBe(true);
  expect(textOf((await told()).summary)).toContain('Move to the new server');
});
