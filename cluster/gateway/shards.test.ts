import { randomBytes } from 'node:crypto';
import { ChannelType, Routes } from 'discord-api-types/v10';
import { afterAll, afterEach, expect, test } from 'vitest';
import { readApplication } from '#discord/application.ts';
import { createPlainRest } from '#discord/rest.ts';
import { formatTopic } from '#discord/topic.ts';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { metrics } from '#runtime/telemetry.ts';
import { createControl, type Fault } from '#simulator/client.ts';
import { startSimulator } from '#simulator/server.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { activateTicket } from '#tickets/actions/activate.ts';
import { addStaff } from '#tickets/actions/add-staff.ts';
import { attachChannel } from '#tickets/actions/attach-channel.ts';
import { openTicket } from '#tickets/actions/open.ts';
import type { Ctx } from '#tickets/context.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { openWithChannel } from '#test/harness/ticket.ts';
import { settleTotal } from '../total.ts';
import { recordChanges } from './record.ts';
import { type Shards, type ShardsOptions, startShards } from './shards.ts';

const log = createLog({ role: 'test', level: 'silent' });
const { pool } = await testDatabase();
const simulator = await startSimulator({
  port: 0,
  dataDir: null,
  guilds: 1,
  log,
  limits: { identifyWindowMs: 0 },
});
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

const running = new Set<Shards>();
async function start(o: Partial<ShardsOptions> = {}): Promise<Shards> {
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
    ...o,
  });
  running.add(shards);
  return shards;
}
async function stop(shards: Shards): Promise<void> {
  running.delete(shards);
  await shards.stop();
}
const untilReady = (shards: Shards) => expect.poll(() => shards.stats().ready, { timeout: 10_000 }).toBe(1);
afterEach(() => Promise.all([...running].map(stop)));
afterAll(() => simulator.close());

const ticket = () => openWithChannel(ctx, control, guild);
const say = (channelId: string, content: string) => control.sendMessage({ channelId, userId: guild.ownerId, content });
const sayMany = async (channelId: string, count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) ids.push((await say(channelId, `message ${i}`)).id);
  return ids;
};
const stored = async () =>
  (await pool.query<{ id: string }>(sql`select id from message order by id`)).map(({ id }) => id);
const untilStored = (ids: readonly string[]) =>
  expect.poll(stored, { timeout: 15_000 }).toEqual(expect.arrayContaining([...ids]));
const onceEach = async (ids: readonly string[]) => {
  const all = await stored();
  expect(all.filter((id) => ids.includes(id))).toEqual([...ids].toSorted());
  const [told] = await pool.query<{ n: number }>(sql`
    select count(*)::integer as n from outbox where kind = 'event' and row ->> 'id' = any(${ids}::text[])`);
  expect(told?.n).toBe(ids.length);
};
const finishedUpTo = async (): Promise<number> => {
  const [row] = await pool.query<{ sequence: number }>(sql`select sequence from shard`);
  return row?.sequence ?? 0;
};
/** What the simulator has counted since. */
async function counting() {
  const before = await control.counts();
  return async () => {
    const now = await control.counts();
    expect(now.violations).toEqual(before.violations);
    return { identifies: now.identifies - before.identifies, resumes: now.resumes - before.resumes };
  };
}
/** Forgets the session, so that the next start identifies, and the slots, so that it does so at once. */
async function forget() {
  await pool.query(sql`update shard set session_id = null, resume_url = null, sequence = null`);
  await pool.query(sql`delete from identify_slot`);
}

test('messages of tickets are stored, others are not; edits and deletions follow', async () => {
  const since = await counting();
  const channelId = await ticket();
  const shards = await start();
  await untilReady(shards);
  const elsewhere = await control.createChannel(guild.id, { name: 'chat' });
  const other = await say(elsewhere.id, 'no ticket');
  const [first, second] = await sayMany(channelId, 2);
  await untilStored([first ?? '', second ?? '']);
  await control.editMessage(channelId, first ?? '', { content: 'edited' });
  await control.deleteMessage(channelId, second ?? '');
  const changed = () =>
    pool.query(
      sql`select id from message where (id = ${first} and edited_at is not null) or (id = ${second} and deleted_at is not null)`,
    );
  await expect.poll(async () => (await changed()).length).toBe(2);
  expect(await stored()).not.toContain(other.id);
  expect(await since()).toEqual({ identifies: 1, resumes: 0 });
});

test('after an orderly stop the next start resumes, and what was said meanwhile is stored once', async () => {
  const channelId = await ticket();
  const first = await start();
  await untilReady(first);
  const before = await sayMany(channelId, 3);
  await stop(first);
  expect(first.stats()).toMatchObject({ ready: 0, pendingMessages: 0 });
  const since = await counting();
  const meanwhile = await sayMany(channelId, 3);
  await untilReady(await start());
  await untilStored(meanwhile);
  await onceEach([...before, ...meanwhile]);
  expect(await since()).toEqual({ identifies: 0, resumes: 1 });
});

test.each(['channel', 'thread'] as const)(
  'a %s that its ticket does not name yet is known to the next owner too',
  async (kind) => {
    await ticket(); // the server is known
    const opener = { id: guild.ownerId, roleIds: [], isOwner: true, hasManageGuild: true };
    const asked = { opener, openedBy: opener, panelId: null, source: 'command' as const, subject: null, answers: [] };
    const interactionId = String(Date.now());
    const { ticket: reserved } = await openTicket(ctx, guild.id, { interactionId, ...asked, at: Date.now() });
    const first = await start();
    await untilReady(first);
    const known = first.stats().ticketChannels;
    const body =
      kind === 'channel'
        ? { name: 'new', topic: formatTopic(reserved.id), type: ChannelType.GuildText }
        : { name: 'new', type: ChannelType.PrivateThread };
    const desk = await control.createChannel(guild.id, { name: 'desk' });
    const path = kind === 'channel' ? Routes.guildChannels(guild.id) : Routes.threads(desk.id);
    const { id: channelId } = (await rest.post(path, { body })) as { id: string };
    await expect.poll(() => first.stats().ticketChannels).toBe(known + 1);
    // The cluster ends before the worker writes the channel down.
    await stop(first);
    const held = await finishedUpTo();
    const second = await start();
    await untilReady(second);
    await attachChannel(ctx, guild.id, { ticketId: reserved.id, channelId });
    await activateTicket(ctx, guild.id, { ticketId: reserved.id });
    const ids = await sayMany(channelId, 3);
    await untilStored(ids);
    await onceEach(ids);
    // Once it is named, its event is finished too.
    await expect.poll(finishedUpTo, { timeout: 10_000 }).toBeGreaterThan(held + ids.length);
  },
);

test('what was received but not stored is replayed to the next owner, who alone keeps the shard', async () => {
  const channelId = await ticket();
  let isCutOff = false;
  let giveUp: () => void = () => undefined;
  const never = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const query: typeof pool.query = (statement) =>
    isCutOff ? Promise.reject(new Error('cut off')) : pool.query(statement);
  const stuck = await start({ ctx: { ...ctx, db: { ...pool, query } }, record: () => never, leaseMs: 1_000 });
  await untilReady(stuck);
  const ids = await sayMany(channelId, 5);
  await expect.poll(() => stuck.stats().pendingMessages).toBe(5);
  const since = await counting();
  const next = await start();
  expect(next.stats().ready).toBe(0);
  isCutOff = true; // it can neither store nor renew, and gives the shard up by itself
  await expect.poll(() => stuck.stats().ready, { timeout: 10_000 }).toBe(0);
  await untilStored(ids);
  await onceEach(ids);
  expect(next.stats().ready).toBe(1);
  expect(await since()).toEqual({ identifies: 0, resumes: 1 });
  giveUp();
  await stop(stuck);
});

test.each<[string, Fault]>([
  ['a cut', { kind: 'drop' }],
  ['op 7', { kind: 'reconnect' }],
  ['op 9 that lets it resume', { kind: 'invalid-session', resumable: true }],
  ['close code 4000', { kind: 'close', code: 4_000 }],
])('after %s it resumes by itself and misses nothing', async (_, fault) => {
  const channelId = await ticket();
  const shards = await start();
  await untilReady(shards);
  const since = await counting();
  const before = await sayMany(channelId, 2);
  await control.fault(fault);
  const after = await sayMany(channelId, 2);
  await untilStored([...before, ...after]);
  await onceEach([...before, ...after]);
  expect(await since()).toEqual({ identifies: 0, resumes: 1 });
});

test('a connection that answers no heartbeat is left, and resumed', async () => {
  await control.limits({ heartbeatIntervalMs: 300 });
  const channelId = await ticket();
  const shards = await start();
  await untilReady(shards);
  const since = await counting();
  await control.fault({ kind: 'mute', count: 1 });
  await expect.poll(async () => (await since()).resumes, { timeout: 10_000 }).toBe(1);
  await control.limits({ heartbeatIntervalMs: 41_250 });
  const [id = ''] = await sayMany(channelId, 1);
  await untilStored([id]);
  const beats = async () =>
    (await metrics.gatewayHeartbeat.get()).values.find((one) => one.metricName?.endsWith('_count'))?.value;
  await expect.poll(beats, { timeout: 10_000 }).toBeGreaterThan(0);
  expect((await since()).identifies).toBe(0);
});

test('after op 9 that ends the session it identifies, and reads what it missed', async () => {
  const channelId = await ticket();
  const shards = await start();
  await untilReady(shards);
  const since = await counting();
  const before = await sayMany(channelId, 2);
  await untilStored(before);
  await control.fault({ kind: 'invalid-session', resumable: false });
  const after = await sayMany(channelId, 3);
  await untilStored([...before, ...after]);
  await onceEach([...before, ...after]);
  expect(await since()).toEqual({ identifies: 1, resumes: 0 });
});

test('with hardly an IDENTIFY left it still resumes, but begins no new session', async () => {
  const first = await start();
  await untilReady(first);
  await stop(first);
  const { identifies } = await control.counts();
  await control.limits({ sessionStarts: identifies + 2 });
  const since = await counting();
  const lines: string[] = [];
  const spy: typeof log = new Proxy(log, {
    get(target, key) {
      if (key === 'child') return () => spy;
      if (key === 'error') return (_: object, text: string) => void lines.push(text);
      return Reflect.get(target, key) as unknown;
    },
  });
  const shards = await start({ ctx: { ...ctx, log: spy } });
  await untilReady(shards);
  await control.fault({ kind: 'invalid-session', resumable: false });
  await expect
    .poll(() => lines, { timeout: 15_000 })
    .toContain('no IDENTIFY can be spared; waiting for Discord to allow more');
  expect(shards.stats().ready).toBe(0);
  expect(await since()).toEqual({ identifies: 0, resumes: 1 });
  await stop(shards);
  await control.limits({ sessionStarts: 1_000 });
});

test('when the session is gone, only ticket channels that moved are read, and authors keep their roles', async () => {
  const channelId = await ticket();
  const role = await control.createRole(guild.id, { name: 'Helpers' });
  const member = await control.addMember(guild.id, { name: 'Helper', roleIds: [role.id] });
  const by = { id: guild.ownerId, roleIds: [], isOwner: true, hasManageGuild: true };
  await addStaff(ctx, guild.id, { by, subjectId: role.id, subjectKind: 'role', level: 'support' });
  const first = await start();
  await untilReady(first);
  const before = await sayMany(channelId, 2);
  await untilStored(before);
  await stop(first);
  await control.fault({ kind: 'expire' });
  const missed = await sayMany(channelId, 130); // more than one page
  const byStaff = await control.sendMessage({ channelId, userId: member.id, content: 'by staff' });
  const since = await counting();
  await untilReady(await start());
  await untilStored([...missed, byStaff.id]);
  await onceEach([...before, ...missed, byStaff.id]);
  const [row] = await pool.query<{ author_kind: string }>(
    sql`select author_kind from message where id = ${byStaff.id}`,
  );
  expect(row?.author_kind).toBe('staff');
  expect(await since()).toEqual({ identifies: 1, resumes: 0 });
});

test('an address that refuses connections does not cost the session', async () => {
  const first = await start();
  await untilReady(first);
  await stop(first);
  await pool.query(sql`update shard set resume_url = 'ws://127.0.0.1:1'`); // nobody listens there
  const since = await counting();
  const shards = await start();
  await untilReady(shards); // by the general address, after some tries
  expect(await since()).toEqual({ identifies: 0, resumes: 1 });
});

test('while Postgres refuses, messages wait; afterwards each is stored once', async () => {
  const channelId = await ticket();
  let isAway = true;
  const shards = await start({
    record: async (changes) => {
      if (isAway) throw Object.assign(new Error('terminating connection'), { code: '57P01' });
      await recordChanges(ctx, changes);
    },
  });
  await untilReady(shards);
  const ids = await sayMany(channelId, 4);
  await expect.poll(() => shards.stats().pendingMessages).toBe(4);
  isAway = false;
  await untilStored(ids);
  await onceEach(ids);
});

test('when more waits than memory should hold, the connection pauses; later everything is there once', async () => {
  const channelId = await ticket();
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const shards = await start({
    maxPending: 5,
    record: async (changes) => {
      await gate;
      await recordChanges(ctx, changes);
    },
  });
  await untilReady(shards);
  const since = await counting();
  const ids = await sayMany(channelId, 20);
  await expect.poll(() => shards.stats().ready).toBe(0);
  expect(shards.stats().pendingMessages).toBeLessThan(20);
  open();
  await untilStored(ids);
  await onceEach(ids);
  expect(await since()).toEqual({ identifies: 0, resumes: 1 });
});

test('an intent that is not granted is fatal and said so; those that are granted are asked for', async () => {
  await control.updateApplication({ flags: 0 });
  await forget();
  const fatal: Error[] = [];
  const refused = await start({ onFatal: (error) => void fatal.push(error) });
  await expect.poll(() => fatal.length, { timeout: 10_000 }).toBe(1);
  expect(refused.stats().ready).toBe(0);
  await stop(refused);
  await forget();
  await untilReady(await start({ application: await readApplication(rest) }));
});
