import { afterAll, beforeAll, expect, test } from 'vitest';
import { startShards, type Shards } from '#cluster/gateway/shards.ts';
import { recordChanges } from '#cluster/gateway/record.ts';
import { settleTotal } from '#cluster/total.ts';
import { channelIn, command, messageOf, press, pressables } from '#demo/act.ts';
import { readApplication } from '#discord/application.ts';
import { sql } from '#runtime/postgres.ts';
import type { CommandOption } from '#simulator/client.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { covers } from '#test/harness/covers.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { readTranscript } from '#tickets/store/transcript.ts';
import { readTicketByChannel } from '#tickets/store/ticket.ts';

const database = await testDatabase();
let bot: Bot;
let shards: Shards | undefined;
let guildId: string;
let [owner, staff, member] = ['', '', ''];
let [desk, told] = ['', ''];

beforeAll(async () => {
  bot = await startBot({ database });
  const guild = bot.simulator.guilds[0];
  guildId = guild?.id ?? '';
  owner = guild?.ownerId ?? '';
  const others = (guild?.memberIds ?? []).filter((id) => id !== owner && id !== bot.simulator.applicationId);
  [staff = '', member = ''] = others.slice(-2);
  desk = (await bot.control.createChannel(guildId, { name: 'desk' })).id;
  told = (await bot.control.createChannel(guildId, { name: 'staff' })).id;
  await settleTotal(bot.ctx.db, { botId: bot.simulator.applicationId, wanted: 1, recommended: async () => 1 });
  await listen();
  await say(owner, 'addsupport', [{ name: 'user_or_role', value: staff }]);
});
afterAll(async () => {
  await shards?.stop();
  await bot?.stop();
});

async function listen(): Promise<void> {
  const started = await startShards({
    ctx: bot.ctx,
    rest: bot.rest,
    token: bot.simulator.token,
    application: await readApplication(bot.rest),
    shardIds: [0],
    shardCount: 1,
    cluster: 'test/0',
    // The harness answers them.
    onInteraction: async () => undefined,
    record: (changes) => recordChanges(bot.ctx, changes),
    onFatal: (error) => {
      throw error;
    },
    everyMs: 50,
  });
  shards = started;
  await until(
    async () => started.stats().ready,
    (ready) => ready === 1,
  );
}
const say = async (userId: string, name: string, options: CommandOption[] = [], channelId = desk) =>
  messageOf(await command(bot.control, { guildId, channelId, userId }, name, options));
const settle = (group: string, ...options: CommandOption[]) => say(owner, 'settings', [{ name: group, options }]);
const ticketIn = async (threadId: string) => {
  const ticket = await readTicketByChannel(bot.ctx.db, guildId, threadId);
  if (!ticket) throw new Error('no ticket is there');
  return ticket;
};
const threadOf = async (id: string) =>
  (await bot.control.channels(guildId)).find((one) => one.id === id)?.thread ?? null;
const write = (threadId: string, userId: string, content: string) =>
  bot.control.sendMessage({ channelId: threadId, userId, content });
const wordsIn = async (threadId: string): Promise<string[]> => {
  const { id } = await ticketIn(threadId);
  const { messages } = await readTranscript(bot.ctx.db, bot.ctx.keys, guildId, id);
  return messages.map((one) => one.body?.content ?? '');
};
const open = async (): Promise<string> => {
  const threadId = channelIn({ messages: [await say(member, 'open')] } as never) ?? '';
  await until(
    () => ticketIn(threadId),
    (one) => one.applied.joinShows === 'open',
  );
  return threadId;
};

test('the style of /open is a setting: a thread, which adds the staff where no button does, or a channel', async () => {
  covers('1.3-12');
  await settle('opening', { name: 'manual_ticket_style', value: 'thread' });
  const threadId = await open();
  expect(await ticketIn(threadId)).toMatchObject({ mode: 'thread', parentId: desk });
  await until(
    () => threadOf(threadId),
    (one) => one?.memberIds.includes(staff) ?? false,
  );
  await settle('opening', { name: 'manual_ticket_style', value: 'channel' });
  const inChannel = channelIn({ messages: [await say(member, 'open')] } as never) ?? '';
  expect(await ticketIn(inChannel)).toMatchObject({ mode: 'channel' });
  expect(await threadOf(inChannel)).toBeNull();
  // Both kinds side by side, for as long as a server likes.
  covers('1.9-07');
});

test('a ticket’s life in a thread: joined by a button, written in, closed, reopened', async () => {
  covers('1.9-03');
  covers('1.2-16');
  const wanted = [
    { name: 'use_threads', value: true },
    { name: 'thread_notification_channel', value: told },
    { name: 'thread_close_action', value: 'archive' },
  ];
  await settle('threads', ...wanted);
  const threadId = await open();
  const [{ displayNo, id, applied }, messages] = [await ticketIn(threadId), await bot.control.messages(told)];
  const message = messages.find((one) => one.id === applied.joinMessageId);
  const [join] = message ? pressables(message) : [];
  if (!message || !join) throw new Error('nothing to join by');

  expect(messageOf(await press(bot.control, member, message, join.customId)).content).toContain('staff');
  expect((await threadOf(threadId))?.memberIds).not.toContain(staff);
  expect(messageOf(await press(bot.control, staff, message, join.customId)).content).toContain(`<#${threadId}>`);
  expect((await threadOf(threadId))?.memberIds).toContain(staff);

  await write(threadId, member, 'My order is late');
  await write(threadId, staff, 'It is on its way');
  await until(
    () => ticketIn(threadId),
    (one) => one.facts.replies === 1,
  );
  expect(await wordsIn(threadId)).toEqual(['My order is late', 'It is on its way']);

  expect((await say(staff, 'claim', [], threadId)).content).toContain('Threads cannot be claimed');
  expect((await ticketIn(threadId)).claimedBy).toBeNull();

  await say(staff, 'close', [{ name: 'reason', value: 'Sent' }], threadId);
  await until(
    () => threadOf(threadId),
    (one) => one?.isArchived === true && one.isLocked,
  );
  await expect(write(threadId, member, 'Thanks')).rejects.toThrow();
  const answer = await say(staff, 'reopen', [{ name: 'ticket_id', value: displayNo }]);
  expect(answer.content).toBe(`The ticket is open again: <#${threadId}>`);
  await until(
    () => threadOf(threadId),
    (one) => one?.isArchived === false,
  );
  await until(
    () => ticketIn(threadId),
    (one) => one.applied.archivedAt === null,
  );
  await write(threadId, member, 'One more thing');
  await until(
    () => wordsIn(threadId),
    (words) => words.includes('One more thing'),
  );
  expect((await ticketIn(threadId)).id).toBe(id);
});

test('what was written while Docket was away is read from the thread; a thread deleted by hand closes its ticket', async () => {
  const threadId = await open();
  await write(threadId, member, 'Before');
  await until(
    () => wordsIn(threadId),
    (words) => words.includes('Before'),
  );
  await shards?.stop();
  // Its session is lost, as after a long absence.
  await bot.ctx.db.query(sql`update shard set session_id = null, resume_url = null, sequence = null`);
  await write(threadId, member, 'Meanwhile');
  const late = await open();
  await write(late, member, 'In a new one');
  await listen();
  await until(
    () => wordsIn(threadId),
    (words) => words.includes('Meanwhile'),
  );
  await until(
    () => wordsIn(late),
    (words) => words.includes('In a new one'),
  );
  await bot.control.deleteChannel(late);
  const closed = await until(
    () => ticketIn(late),
    (one) => one.state === 'closed',
  );
  expect(closed.closeReason).toBe('The channel was deleted');
  const refused = await say(staff, 'reopen', [{ name: 'ticket_id', value: closed.displayNo }]);
  expect(refused.content).toContain('was deleted, so it cannot be reopened');
  await bot.control.deleteChannel(desk);
  await until(
    () => ticketIn(threadId),
    (one) => one.state === 'closed',
  );
});
