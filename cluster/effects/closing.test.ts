import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelIn, command } from '#demo/act.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { readTicketByChannel } from '#tickets/store/ticket.ts';
import { checkOpeners } from './openers.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: string;
let desk: string;
let log: string;

beforeAll(async () => {
  bot = await startBot({ database, lastWordsMs: 300 });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  desk = (await bot.control.createChannel(guildId, { name: 'help-desk' })).id;
  log = (await bot.control.createChannel(guildId, { name: 'transcripts' })).id;
  const set = (name: string, options: object[]) =>
    command(bot.control, { guildId, channelId: desk, userId: owner }, 'settings', [{ name, options } as never]);
  await set('limits', [{ name: 'none', value: 'openTicketsPerUser' }]);
  await set('logs', [{ name: 'transcripts_channel', value: log }]);
  await set('autoclose', [
    { name: 'autoclose', value: true },
    { name: 'autoclose_on_leave', value: true },
  ]);
});
afterAll(() => bot?.stop());

async function open(userId: string): Promise<string> {
  const channelId = channelIn(await command(bot.control, { guildId, channelId: desk, userId }, 'open')) ?? '';
  await until(
    () => bot.control.messages(channelId),
    (list) => list.length > 0,
  );
  return channelId;
}
const isThere = async (id: string) => (await bot.control.channels(guildId)).some((one) => one.id === id);
const untilGone = (id: string) =>
  until(
    () => isThere(id),
    (is) => !is,
  );
const ticketOf = (channelId: string) => readTicketByChannel(bot.ctx.db, guildId, channelId);

test.each([
  ['the summary', 'POST', (): string => `/channels/${log}/messages`],
  ['the direct message', 'POST', (): string => '/users/@me/channels'],
  ['the deletion', 'DELETE', (): string => '/channels/'],
] as const)('a closing goes on to its end when Discord fails at %s', async (_, method, path) => {
  const member = (await bot.control.addMember(guildId, { name: 'Member' })).id;
  // 500: the library tries four times, then the job comes again.
  for (const fault of [
    { status: 500, count: 5 },
    { status: 429, retryAfterS: 0.2, count: 2 },
  ]) {
    const channelId = await open(member);
    await bot.control.fault({ kind: 'status', method, path: path(), ...fault });
    await command(bot.control, { guildId, channelId, userId: owner }, 'close', [{ name: 'reason', value: 'Done' }]);
    await untilGone(channelId);
    await bot.control.clearFaults();
    const closed = { state: 'closed', closeReason: 'Done', applied: { problem: null } };
    expect(await ticketOf(channelId)).toMatchObject(closed);
    const told = (await bot.control.directMessages(member)).filter((one) => one.embeds.length > 0);
    const posted = (await bot.control.messages(log)).filter((one) => JSON.stringify(one.embeds).includes(member));
    expect(posted.length).toBe(told.length);
  }
});

test('who left is found by asking, once a day: their tickets close; who stayed keeps theirs', async () => {
  covers('1.7-08');
  covers('1.3-30');
  const [gone, stays] = [
    (await bot.control.addMember(guildId, { name: 'Gone' })).id,
    (await bot.control.addMember(guildId, { name: 'Stays' })).id,
  ];
  const [left, kept] = [await open(gone), await open(stays)];
  await bot.control.removeMember(guildId, gone);
  const tomorrow = { ...bot.ctx, now: () => Date.now() + 25 * 60 * 60_000 };
  expect(await checkOpeners({ ctx: bot.ctx, rest: bot.rest })).toBe(0);
  expect(await checkOpeners({ ctx: tomorrow, rest: bot.rest })).toBe(1);
  expect(await checkOpeners({ ctx: tomorrow, rest: bot.rest })).toBe(0);
  await untilGone(left);
  expect(await ticketOf(left)).toMatchObject({
    state: 'closed',
    closedBy: null,
    closeReason: 'The member left the server',
  });
  expect(await ticketOf(kept)).toMatchObject({ state: 'open' });
});
