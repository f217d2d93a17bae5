import type { APIMessage } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command, messageOf } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { closeTicket, type Desk, openDesk, until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const database = await testDatabase();
let bot: Bot;
let desk: Desk;

beforeAll(async () => {
  bot = await startBot({ database });
  desk = await openDesk(bot.control);
});
afterAll(() => bot?.stop());

const set = (group: string, values: Readonly<Record<string, string | number | boolean>>) =>
  command(bot.control, placeOf(desk.owner), 'settings', [
    { name: group, type: 1, options: Object.entries(values).map(([name, value]) => ({ name, value })) },
  ]);
const placeOf = (userId: string) => ({ guildId: desk.guild.id, channelId: desk.guild.deskChannelId, userId });
const open = (userId: string, subject = 'Help') =>
  command(bot.control, placeOf(userId), 'open', [{ name: 'subject', value: subject }]);
const opened = async (userId: string): Promise<string> => {
  const answer = await open(userId);
  const channelId = channelIn(answer);
  expect(channelId, JSON.stringify(answer.messages)).toBeDefined();
  return channelId ?? '';
};
const firstIn = async (channelId: string): Promise<APIMessage> => {
  const messages = await until(
    () => bot.control.messages(channelId),
    (list) => list.some((one) => one.embeds.length > 0),
  );
  const found = messages.find((one) => one.embeds.length > 0);
  if (!found) throw new Error('no message with an embed');
  return found;
};
const closed = (channelId: string) => closeTicket(bot.control, desk, channelId, desk.owner, 'Done');

test('tickets have the server’s colour and footer, and its texts as they were written, in any language', async () => {
  covers('1.3-03');
  covers('1.3-04');
  covers('1.1-09');
  const text = 'Bitte warten, %user%: “schon unterwegs” 🙂';
  await set('general', { primary_colour: '#12AB34', footer_text: 'The desk', language: 'ja' });
  await set('welcome', { welcome_message: text });
  const [member = ''] = desk.members;
  const channelId = await opened(member);
  const [embed] = (await firstIn(channelId)).embeds;
  expect(embed).toMatchObject({ color: 0x12ab34, footer: { text: 'The desk' } });
  expect(embed?.description).toBe(text.replace('%user%', `<@${member}>`));
  await set('general', { reset: 'footerText' });
  await set('general', { reset: 'language' });
  await set('general', { reset: 'primaryColour' });
  await closed(channelId);
});

test('a member’s limit holds over all tickets, and staff have none', async () => {
  covers('1.3-16');
  await set('limits', { open_tickets_per_user: 1 });
  const [, member = ''] = desk.members;
  const [staff = ''] = desk.staff;
  const first = await opened(member);
  expect(messageOf(await open(member)).content).toContain('1');
  expect(channelIn(await open(member))).toBeUndefined();
  const theirs = [await opened(staff), await opened(staff)];
  await closed(first);
  const again = await opened(member);
  for (const channelId of [again, ...theirs]) await closed(channelId);
  await set('limits', { reset: 'openTicketsPerUser' });
});

test('the server’s limit holds for all members together', async () => {
  covers('1.3-15');
  await set('limits', { open_tickets_in_server: 1 });
  const [one = '', two = ''] = desk.members.slice(2);
  const channelId = await opened(one);
  const refused = messageOf(await open(two));
  expect(refused.content).toContain('This server has 1 open ticket');
  await closed(channelId);
  await closed(await opened(two));
  await set('limits', { none: 'openTicketsInServer' });
});

test('/open is refused where it was turned off', async () => {
  covers('1.3-38');
  await set('opening', { open_command: false });
  const answer = await open(desk.members[0] ?? '');
  expect(messageOf(answer).content).toContain('not by /open');
  expect(channelIn(answer)).toBeUndefined();
  await set('opening', { reset: 'openCommand' });
});

test('a closed ticket is reported in the transcripts channel, and its member is asked for stars where the server wants it', async () => {
  covers('1.3-20');
  covers('1.3-27');
  const channel = await bot.control.createChannel(desk.guild.id, { name: 'transcripts' });
  await set('logs', { transcripts_channel: channel.id });
  await set('feedback', { feedback: false });
  const [quiet = '', asked = ''] = desk.members.slice(4);
  await closed(await opened(quiet));
  const told = await until(
    () => bot.control.directMessages(quiet),
    (list) => list.length > 0,
  );
  expect(told[0]?.components ?? []).toEqual([]);
  await set('feedback', { feedback: true });
  await closed(await opened(asked));
  const stars = await until(
    () => bot.control.directMessages(asked),
    (list) => list.length > 0,
  );
  expect(stars[0]?.components?.length).toBeGreaterThan(0);
  const reports = await until(
    () => bot.control.messages(channel.id),
    (list) => list.length === 2,
  );
  for (const report of reports) expect(JSON.stringify(report.embeds)).toContain('Done');
});
