import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, expect, test } from 'vitest';
import { readApplication } from '#discord/application.ts';
import { createPlainRest } from '#discord/rest.ts';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { createControl } from '#simulator/client.ts';
import { startSimulator } from '#simulator/server.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { openWithChannel } from '#test/harness/ticket.ts';
import type { Ctx } from '#tickets/context.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { listGaps } from '#tickets/store/gap.ts';
import { readTicketByChannel } from '#tickets/store/ticket.ts';
import { settleTotal } from '../total.ts';
import { recordChanges } from './record.ts';
import { type Shards, startShards } from './shards.ts';

const log = createLog({ role: 'test', level: 'silent' });
const { pool } = await testDatabase();
const simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, log, limits: { identifyWindowMs: 0 } });
const control = createControl(simulator.control);
const rest = createPlainRest({ token: simulator.token, apiUrl: simulator.api });
const application = await readApplication(rest);
const guild = simulator.guilds[0] ?? { id: '', ownerId: '' };
const ctx: Ctx = {
  db: pool,
  log,
  now: Date.now,
  keys: createKeyring(randomBytes(32).toString('base64')),
  premium: 'everyone',
};
await settleTotal(pool, { botId: application.id, wanted: 1, recommended: async () => 1 });
afterAll(() => simulator.close());

let running: Shards | undefined;
const stop = async () => {
  await running?.stop();
  running = undefined;
};
afterEach(stop);
async function start(): Promise<void> {
  const shards = await startShards({
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
  running = shards;
  await expect.poll(() => shards.stats().ready, { timeout: 10_000 }).toBe(1);
}
/** As if the next start came too late: Discord has dropped the session. */
const forget = () => pool.query(sql`update shard set session_id = null, resume_url = null, sequence = null`);
const ticketOf = async (channelId: string) => {
  const ticket = await readTicketByChannel(pool, guild.id, channelId);
  if (!ticket) throw new Error('no ticket has this channel');
  return ticket;
};
const gapsOf = async (channelId: string) => listGaps(pool, guild.id, (await ticketOf(channelId)).id);
const untilState = (channelId: string, state: string) =>
  expect.poll(async () => (await ticketOf(channelId)).state, { timeout: 10_000 }).toBe(state);

test('a ticket says when edits may have been missed: from the end of one session to the beginning of the next', async () => {
  const channelId = await openWithChannel(ctx, control, guild);
  await start();
  await stop();
  await start(); // resumes: nothing is missed
  const resumedAt = Date.now();
  await stop();
  await forget();
  const lateId = await openWithChannel(ctx, control, guild);
  const startedAt = Date.now();
  await start();
  await expect.poll(async () => (await gapsOf(channelId)).length, { timeout: 10_000 }).toBe(1);
  const [gap] = await gapsOf(channelId);
  expect(gap?.from).toBeGreaterThanOrEqual(resumedAt);
  expect(gap?.from).toBeLessThanOrEqual(startedAt);
  expect(gap?.to).toBeGreaterThanOrEqual(startedAt);
  expect(await gapsOf(lateId)).toEqual([{ from: (await ticketOf(lateId)).openedAt, to: gap?.to }]);
});

test('a ticket whose channel is deleted by hand closes, also when nobody was there to see it', async () => {
  const [seen, unseen, kept] = [
    await openWithChannel(ctx, control, guild),
    await openWithChannel(ctx, control, guild),
    await openWithChannel(ctx, control, guild),
  ];
  await start();
  await control.deleteChannel(seen);
  await untilState(seen, 'closed');
  await stop();
  await forget();
  await control.deleteChannel(unseen);
  await start();
  await untilState(unseen, 'closed');
  expect(await ticketOf(seen)).toMatchObject({ closedBy: null, closeReason: 'The channel was deleted' });
  expect(await ticketOf(kept)).toMatchObject({ state: 'open' });
});
