import { randomBytes } from 'node:crypto';
import { type APIMessage, Routes } from 'discord-api-types/v10';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readApplication } from '#discord/application.ts';
import { createPlainRest } from '#discord/rest.ts';
import { listen } from '#runtime/listen.ts';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { createControl } from '#simulator/client.ts';
import { startSimulator } from '#simulator/server.ts';
import { until } from '#test/harness/desk.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { createPanel } from '#tickets/actions/create-panel.ts';
import { setSettings } from '#tickets/actions/set-settings.ts';
import type { Ctx } from '#tickets/context.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { publicationOf } from '#tickets/panel.ts';
import { person } from '#tickets/scene.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { readPanelMessage, recordPanelMessage, recordPanelMessageSent } from '#tickets/store/panel-message.ts';
import { channels } from '../ipc.ts';
import { settleTotal } from '../total.ts';
import { recordChanges } from './record.ts';
import { type Shards, startShards } from './shards.ts';

// A running shard hears by NOTIFY where messages open tickets and which messages show panels: nothing here waits for the next comparison.
const log = createLog({ role: 'test', level: 'silent' });
const database = await testDatabase();
const { pool } = database;
const simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, log, limits: { identifyWindowMs: 0 } });
const control = createControl(simulator.control);
const rest = createPlainRest({ token: simulator.token, apiUrl: simulator.api });
const application = await readApplication(rest);
const { id: guildId, ownerId, memberIds } = simulator.guilds[0] ?? { id: '', ownerId: '', memberIds: [] };
const owner = { ...person(ownerId), isOwner: true };
// One for each ticket: nobody opens two within seconds.
const members = memberIds.filter((id) => id !== ownerId && id !== application.botUserId).slice(-3);
const keys = createKeyring(randomBytes(32).toString('base64'));
const ctx: Ctx = { db: pool, log, now: Date.now, keys, premium: 'everyone' };
let shards: Shards;
let listener: Awaited<ReturnType<typeof listen>>;
const heard: string[] = [];

beforeAll(async () => {
  await settleTotal(pool, { botId: application.id, wanted: 1, recommended: async () => 1 });
  await upsertGuild(pool, guildId, { name: 'Test', ownerId, iconHash: null, memberCount: 5, locale: 'en-US' });
  shards = await startShards({
    ctx,
    rest,
    token: simulator.token,
    application,
    shardIds: [0],
    shardCount: 1,
    cluster: 'test/0',
    onInteraction: async () => undefined,
    record: (changes) => recordChanges(ctx, changes),
    onFatal: (error) => {
      throw error;
    },
    everyMs: 50,
  });
  await until(
    async () => shards.stats().ready,
    (ready) => ready === 1,
  );
  listener = await listen({
    url: database.url,
    channels: [channels.places],
    log,
    onNotify: (_, payload) => void shards.placesChanged(payload).then(() => heard.push(payload)),
    onReconnect: () => undefined,
  });
});
afterAll(async () => {
  await listener?.close();
  await shards?.stop();
  await simulator.close();
});
const untilHeard = () => expect.poll(() => heard.splice(0).length).toBeGreaterThan(0);

test('a new dedicated channel counts at once, and the one before it no more', async () => {
  const [first, second] = [
    await control.createChannel(guildId, { name: 'one' }),
    await control.createChannel(guildId, { name: 'two' }),
  ];
  const opened = () => pool.query(sql`select channel_id from ticket where guild_id = ${guildId}`);
  const choose = (dedicatedChannel: string) => setSettings(ctx, guildId, { by: owner, patch: { dedicatedChannel } });
  await choose(first.id);
  await untilHeard();
  await control.sendMessage({ channelId: first.id, userId: members[0] ?? '', content: 'Help' });
  await expect.poll(async () => (await opened()).length).toBe(1);
  await choose(second.id);
  await untilHeard();
  await control.sendMessage({ channelId: first.id, userId: members[2] ?? '', content: 'Help' });
  await control.sendMessage({ channelId: second.id, userId: members[1] ?? '', content: 'Help' });
  await expect.poll(async () => (await opened()).length).toBe(2);
  await setSettings(ctx, guildId, { by: owner, patch: { feedback: true } });
  expect(heard).toEqual([]);
});

test('a panel’s message that somebody deletes is missing at once; one that is to be sent again is not', async () => {
  const channelId = (await control.createChannel(guildId, { name: 'desk' })).id;
  const look = { title: 'T', content: 'C', colour: 1, buttonLabel: 'B', buttonEmoji: null, form: null, welcome: null };
  const post = async () =>
    ((await rest.post(Routes.channelMessages(channelId), { body: { content: 'T' } })) as APIMessage).id;
  const { panelMessage } = await createPanel(ctx, guildId, {
    by: owner,
    name: 'P',
    ...look,
    channelId,
    categoryId: null,
  });
  const { id: panelMessageId } = panelMessage;
  const show = async (appliedHash: string | null) => {
    const messageId = await post();
    await recordPanelMessageSent(pool, guildId, { panelMessageId, channelId, messageId });
    await recordPanelMessage(pool, guildId, panelMessageId, { appliedHash, problem: null, isPending: false });
    await untilHeard();
    return messageId;
  };
  const statusNow = async () => {
    const message = await readPanelMessage(pool, guildId, panelMessageId);
    return [message && publicationOf(message), message?.messageId];
  };
  const first = await show('hash');
  await control.deleteMessage(channelId, await post());
  await control.deleteMessage(channelId, first);
  await expect.poll(statusNow).toEqual(['missing-message', null]);
  await untilHeard();
  const second = await show(null);
  const other = await control.createChannel(guildId, { name: 'known' });
  await control.deleteMessage(channelId, second);
  // What the shard does comes in order: once the next message has opened its ticket, the deletion has been dealt with.
  await setSettings(ctx, guildId, { by: owner, patch: { dedicatedChannel: other.id, openTicketsPerUser: null } });
  await untilHeard();
  const count = async () => (await pool.query(sql`select from ticket where guild_id = ${guildId}`)).length;
  const before = await count();
  await control.sendMessage({ channelId: other.id, userId: members[2] ?? '', content: 'Help' });
  await expect.poll(count).toBe(before + 1);
  expect((await statusNow())[1]).toBe(second);
});
