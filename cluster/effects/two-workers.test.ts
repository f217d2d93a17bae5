import { ChannelType } from 'discord-api-types/v10';
import type { TaskList } from 'graphile-worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLimiter } from '#discord/limits.ts';
import { createRest } from '#discord/rest.ts';
import { parseTopic } from '#discord/topic.ts';
import { createPool, sql } from '#runtime/postgres.ts';
import { closeTicket } from '#tickets/actions/close.ts';
import { openTicket } from '#tickets/actions/open.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import { noteGlobalLimit, noteInvalidRequest, takeRestLease } from '#tickets/store/fleet/rest-lease.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { type Bot, startBot } from '#test/harness/bot.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { startJobRunner } from './job-runner.ts';
import { startPresence } from './presence.ts';
import { createTasks } from './tasks.ts';

const database = await testDatabase();
const tickets = 30;
let bot: Bot;
let guildId: string;

beforeAll(async () => {
  bot = await startBot({ database, hasWorker: false });
  guildId = bot.simulator.guilds[0]?.id ?? '';
});
afterAll(() => bot?.stop());

/** A worker as a process has one: connections, limiter, buckets and queue of its own. */
async function startWorker(): Promise<{ ran: () => number; stop(): Promise<void> }> {
  const { log } = bot.ctx;
  const pool = createPool({ url: database.url, name: 'worker', max: 6, log });
  const botId = bot.simulator.applicationId;
  const limiter = createLimiter({
    shared: {
      take: (request) => takeRestLease(pool, { botId, ...request }),
      noteInvalid: () => noteInvalidRequest(pool, botId),
      noteGlobal: (forMs) => noteGlobalLimit(pool, { botId, forMs }),
    },
    log,
  });
  const rest = createRest({ token: bot.simulator.token, apiUrl: bot.simulator.api, limiter, log });
  const creationRest = createRest({ token: bot.simulator.token, apiUrl: bot.simulator.api, limiter, log });
  creationRest.options.retries = 0;
  const ctx = { ...bot.ctx, db: pool };
  const tasks = createTasks({ ctx, rest, creationRest, applicationId: botId, botUserId: botId, publicUrl: null });
  let count = 0;
  const counted: TaskList = {
    ...tasks,
    async ticket(payload, helpers) {
      count += 1;
      await tasks.ticket?.(payload, helpers);
    },
  };
  const presence = await startPresence(ctx);
  const options = { databaseUrl: database.url, concurrency: 4, pollInterval: 50, tasks: counted, presence, log };
  const runner = await startJobRunner(options);
  return {
    ran: () => count,
    async stop() {
      await runner.stop();
      await presence.stop();
      await pool.end();
    },
  };
}

test('two workers in one server: one channel and one welcome for each ticket, and hardly a 429', async () => {
  const guild = await bot.control.guild(guildId);
  const owner = { id: guild.ownerId, roleIds: [], isOwner: true, hasManageGuild: true };
  const profile = { name: guild.name, ownerId: owner.id, iconHash: null, memberCount: 5, locale: 'en-US' };
  await upsertGuild(bot.ctx.db, guildId, profile);
  await setSettings(bot.ctx, guildId, { by: owner, patch: { openTicketsPerUser: null, dmOnClose: false } });
  const openerId = guild.members.find((one) => !one.bot && one.id !== owner.id)?.id ?? '';
  const opener = { id: openerId, roleIds: [], isOwner: false, hasManageGuild: false };
  const before = await bot.control.counts();
  const workers = await Promise.all([startWorker(), startWorker()]);

  const reserve = (n: number) =>
    openTicket(bot.ctx, guildId, {
      interactionId: String(n),
      opener,
      openedBy: opener,
      panelId: null,
      source: 'command',
      subject: null,
      answers: [],
      at: Date.now(),
    });
  await Promise.all(Array.from({ length: tickets }, (_, n) => reserve(n + 1)));
  const settled = () =>
    bot.ctx.db.query<{ id: number; channelId: string; state: string }>(sql`
      select id, channel_id as "channelId", state from ticket
      where guild_id = ${guildId} and settled_version >= change_version and state in ('open', 'closed')`);
  const open = await until(settled, (rows) => rows.length === tickets, 60_000);

  const channels = (await bot.control.channels(guildId)).filter(
    (one) => one.type === ChannelType.GuildText && parseTopic(one.topic) !== null,
  );
  expect(channels.map((one) => one.id).sort()).toEqual(open.map((row) => row.channelId).sort());
  for (const { id } of channels) expect(await bot.control.messages(id)).toHaveLength(1);

  // Changes come while the other worker may still be at the ticket.
  await Promise.all(
    open.map(({ id }) => closeTicket(bot.ctx, guildId, { ticketId: id, by: owner, reason: null, at: Date.now() })),
  );
  await until(
    () => bot.control.channels(guildId),
    (list) => list.every((one) => parseTopic(one.topic) === null),
    60_000,
  );
  const after = await bot.control.counts();
  expect(workers.every((worker) => worker.ran() > 0)).toBe(true);
  await Promise.all(workers.map((worker) => worker.stop()));
  // Each worker learns a bucket that both use by its own answers only, so a few refusals are what sharing costs.
  expect(after.rateLimited - before.rateLimited).toBeLessThanOrEqual(10);
}, 150_000);
