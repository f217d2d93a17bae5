import type { JobHelpers } from 'graphile-worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sql } from '#runtime/postgres.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { activateTicket } from '#tickets/actions/activate.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { editTicket } from '#tickets/actions/edit.ts';
import { openTicket } from '#tickets/actions/open.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import type { Actor } from '#tickets/permission.ts';
import { person, snowflakeAt } from '#tickets/scene.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { listLogProblems } from '#tickets/store/log.ts';

const database = await testDatabase();
let bot: Bot;
let guildId: string;
let owner: Actor;
let member: Actor;
let channelId: string;
let serial = 0;

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  const guild = await bot.control.guild(bot.simulator.guilds[0]?.id ?? '');
  guildId = guild.id;
  owner = { ...person(guild.ownerId), isOwner: true };
  member = person(guild.members.find((one) => !one.bot && one.id !== guild.ownerId)?.id ?? '');
  const profile = { name: guild.name, ownerId: owner.id, iconHash: null, memberCount: 5, locale: 'en-US' };
  await upsertGuild(bot.ctx.db, guildId, profile);
});
afterAll(() => bot?.stop());
beforeEach(async () => {
  await bot.control.clearFaults();
  await bot.ctx.db.query(sql`delete from log_post`);
  await bot.ctx.db.query(sql`delete from log_problem`);
  channelId = (await bot.control.createChannel(guildId, { name: 'log' })).id;
  const patch = { openTicketsPerUser: null, logChannel: channelId, openedLogChannel: null, closedLogChannel: null };
  await setSettings(bot.ctx, guildId, { by: owner, patch });
});

async function open(): Promise<number> {
  serial += 1;
  const at = Date.now();
  const input = { opener: member, openedBy: member, panelId: null, subject: null, answers: [], at };
  const interactionId = snowflakeAt(Date.UTC(2021, 0, 1), serial);
  const { ticket } = await openTicket(bot.ctx, guildId, { ...input, interactionId, source: 'command' });
  await attachChannel(bot.ctx, guildId, { ticketId: ticket.id, channelId: snowflakeAt(Date.UTC(2022, 0, 1), serial) });
  await activateTicket(bot.ctx, guildId, { ticketId: ticket.id });
  return ticket.id;
}
const topic = (ticketId: number, text: string) =>
  editTicket(bot.ctx, guildId, { ticketId, by: owner, patch: { topic: text }, at: Date.now() });
/** Runs the log's job once; answers when it wants to come back. */
async function run(): Promise<Date | undefined> {
  let runAt: Date | undefined;
  const addJob = async (_: string, __: unknown, spec: { runAt?: Date }) => void (runAt = spec.runAt);
  await bot.tasks.log?.({ guildId }, { job: { attempts: 1 }, addJob } as unknown as JobHelpers);
  return runAt;
}
const told = async (id = channelId) =>
  (await bot.control.messages(id)).map((one) => one.embeds.map((embed) => embed.description?.split('\n')[1] ?? ''));
const waiting = () => bot.ctx.db.query(sql`select from log_post`);

test('what happens to tickets is told in order, ten changes in a message, openings and closings to their channels too', async () => {
  const opened = await bot.control.createChannel(guildId, { name: 'opened' });
  await setSettings(bot.ctx, guildId, {
    by: owner,
    patch: { openedLogChannel: opened.id, closedLogChannel: channelId },
  });
  const ticketId = await open();
  for (let i = 0; i < 11; i += 1) await topic(ticketId, `Topic *${i}*`);
  await closeTicket(bot.ctx, guildId, { ticketId, by: owner, reason: 'Because @everyone', at: Date.now() });
  expect(await run()).toBeUndefined();
  const messages = await told();
  expect(messages.map((one) => one.length)).toEqual([10, 3]);
  expect(messages.flat()).toEqual([
    `<@${member.id}> opened it`,
    ...Array.from({ length: 11 }, (_, i) => `<@${owner.id}> wrote its topic: Topic \\*${i}\\*`),
    `<@${owner.id}> closed it: Because \\@\u200beveryone`,
  ]);
  expect((await told(opened.id)).flat()).toEqual([`<@${member.id}> opened it`]);
  expect(await waiting()).toEqual([]);
});

test('an answer that was lost tells nobody twice, soon or late', async () => {
  const ticketId = await open();
  await topic(ticketId, 'Lost');
  await bot.control.fault({ kind: 'lose-answer', method: 'POST', path: `/channels/${channelId}/messages`, count: 10 });
  await expect(run()).rejects.toThrow();
  await topic(ticketId, 'After');
  await bot.control.clearFaults();
  await run();
  expect(await told()).toEqual([
    [`<@${member.id}> opened it`, `<@${owner.id}> wrote its topic: Lost`],
    [`<@${owner.id}> wrote its topic: After`],
  ]);
});

test('Discord that fails or says "not now" is asked again, and the rest of the channels have their turn', async () => {
  const closed = await bot.control.createChannel(guildId, { name: 'closed' });
  await setSettings(bot.ctx, guildId, { by: owner, patch: { closedLogChannel: closed.id } });
  const ticketId = await open();
  await closeTicket(bot.ctx, guildId, { ticketId, by: owner, reason: null, at: Date.now() });
  const path = `/channels/${channelId}/messages`;
  await bot.control.fault({ kind: 'status', status: 500, method: 'POST', path, count: 10 });
  await expect(run()).rejects.toThrow();
  expect((await told(closed.id)).flat()).toEqual([`<@${owner.id}> closed it`]);
  await bot.control.clearFaults();
  await bot.control.fault({ kind: 'status', status: 429, retryAfterS: 60, method: 'POST', path, count: 1 });
  expect((await run())?.getTime()).toBeGreaterThan(Date.now() + 30_000);
  await bot.control.clearFaults();
  await run();
  expect((await told()).flat()).toHaveLength(2);
});

test('a channel that is gone, or closed to the bot, is said and costs no further requests; then it is told again', async () => {
  const ticketId = await open();
  await bot.control.deleteChannel(channelId);
  await run();
  const problems = () => listLogProblems(bot.ctx.db, guildId);
  expect(await problems()).toMatchObject([{ channelId, code: 'discord.channel-gone' }]);
  expect(await waiting()).toEqual([]);

  const next = (await bot.control.createChannel(guildId, { name: 'log-2' })).id;
  await setSettings(bot.ctx, guildId, { by: owner, patch: { logChannel: next } });
  const path = `/channels/${next}/messages`;
  await bot.control.fault({ kind: 'status', status: 403, code: 50_013, method: 'POST', path, count: 1 });
  await topic(ticketId, 'Refused');
  await run();
  // The channel before is no log channel any more: nobody has to mend it.
  expect(await problems()).toMatchObject([{ channelId: next, code: 'discord.permission' }]);
  await topic(ticketId, 'Not asked');
  await run();
  await bot.ctx.db.query(sql`update log_problem set at = at - interval '2 minutes'`);
  await topic(ticketId, 'Told');
  await run();
  expect((await told(next)).flat()).toEqual([`<@${owner.id}> wrote its topic: Told`]);
  expect(await problems()).toEqual([]);
});

test('a thousand changes take two requests a second, and no server without a log channel has a queue', async () => {
  const ticketId = await open();
  await bot.ctx.db.query(sql`
    insert into log_post (guild_id, channel_id, ticket_id, version)
    select guild_id, ${channelId}, ticket_id, version from history, generate_series(1, 60) where ticket_id = ${ticketId}`);
  const before = (await bot.control.messages(channelId)).length;
  expect((await run())?.getTime()).toBeGreaterThan(Date.now());
  expect((await bot.control.messages(channelId)).length - before).toBe(4);
  await bot.ctx.db.query(sql`delete from log_post`);
  await setSettings(bot.ctx, guildId, { by: owner, patch: { logChannel: null } });
  await topic(ticketId, 'Nobody listens');
  expect(await waiting()).toEqual([]);
});
