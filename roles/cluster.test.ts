import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, expect, test } from 'vitest';
import { freePort } from '#runtime/embedded/ports.ts';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { createControl } from '#simulator/client.ts';
import { startSimulator } from '#simulator/server.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { type RunningRole, runRole, startRole } from '#test/harness/role.ts';
import { openWithChannel } from '#test/harness/ticket.ts';
import type { Ctx } from '#tickets/context.ts';
import { createKeyring } from '#tickets/crypto.ts';

const total = 4;
const log = createLog({ role: 'test', level: 'silent' });
const { pool, url } = await testDatabase();
// Two buckets, each with a shard of either pod: their IDENTIFYs have to be spaced over both.
const simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, log, limits: { maxConcurrency: 2 } });
const control = createControl(simulator.control);
const key = randomBytes(32).toString('base64');
const ctx: Ctx = { db: pool, log, now: Date.now, keys: createKeyring(key), premium: 'everyone' };
const env = {
  DATABASE_URL: url,
  CLICKHOUSE_URL: 'http://127.0.0.1:9/docket', // no test here asks for figures
  ENCRYPTION_KEY: key,
  DISCORD_TOKEN: simulator.token,
  DISCORD_API_URL: simulator.api,
  LOG_LEVEL: 'info',
};

/** The channel of a ticket on each shard. */
const ticketChannels = await (async () => {
  const found = new Map<number, { channelId: string; userId: string }>();
  for (let serial = 0; found.size < total; serial += 1) {
    const guild = await control.createGuild({ name: `Guild ${serial}` });
    const shard = Number((BigInt(guild.id) >> 22n) % BigInt(total));
    if (found.has(shard)) continue;
    found.set(shard, { channelId: await openWithChannel(ctx, control, guild), userId: guild.ownerId });
  }
  return [...found.values()];
})();

type Pod = { role: RunningRole; healthPort: number };
const pods = new Set<Pod>();
async function start(ordinal: number, settings: Record<string, string> = {}): Promise<Pod> {
  const healthPort = await freePort('127.0.0.1');
  const role = startRole(['cluster'], {
    ...env,
    HEALTH_PORT: String(healthPort),
    POD_NAME: `docket-${ordinal}`,
    POD_COUNT: '2',
    TOTAL_SHARDS: String(total),
    SHARDS_PER_CLUSTER: '1',
    SHARD_LEASE_S: '5',
    ...settings,
  });
  const pod = { role, healthPort };
  pods.add(pod);
  return pod;
}
const ask = async (pod: Pod, path: string): Promise<Response> => fetch(`http://127.0.0.1:${pod.healthPort}${path}`);
const isReady = async (pod: Pod): Promise<boolean> =>
  ask(pod, '/readyz').then(
    ({ ok }) => ok,
    () => false,
  );
const untilReady = (pod: Pod) => expect.poll(() => isReady(pod), { timeout: 60_000 }).toBe(true);
/** A metric's sample, summed over the pod's clusters. */
const sample = async (pod: Pod, name: string): Promise<number> => {
  const line = (await (await ask(pod, '/metrics')).text()).split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? 0);
};
async function end(pod: Pod): Promise<void> {
  pods.delete(pod);
  const { code, err } = await pod.role.end();
  expect(code, err).toBe(0);
}
/** The living children of a process (Linux). */
const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
/** Ends a pod as a node that loses its power does. */
async function kill(pod: Pod): Promise<void> {
  pods.delete(pod);
  const clusters = childrenOf(pod.role.pid);
  expect(clusters).toHaveLength(2);
  process.kill(pod.role.pid, 'SIGSTOP'); // nobody restarts what dies
  for (const pid of clusters) process.kill(pid, 'SIGKILL');
  await pod.role.end('SIGKILL');
}
afterEach(() => Promise.all([...pods].map((pod) => pod.role.end('SIGKILL'))));
afterAll(() => simulator.close());

/** People write in every ticket, one message after the other, while `work` runs; afterwards each is stored once. */
async function underTraffic(work: () => Promise<void>): Promise<void> {
  const sent: string[] = [];
  let isOver = false;
  const people = ticketChannels.map(async ({ channelId, userId }) => {
    while (!isOver) sent.push((await control.sendMessage({ channelId, userId, content: `line ${sent.length}` })).id);
  });
  await work().finally(() => {
    isOver = true;
  });
  await Promise.all(people);
  const wanted = sent.toSorted();
  expect(wanted.length).toBeGreaterThan(100);
  const ids = sql`select id from message where id = any(${sent}::bigint[])`;
  const stored = async () => (await pool.query<{ id: string }>(ids)).map(({ id }) => id).toSorted();
  await expect.poll(async () => (await stored()).length, { timeout: 30_000 }).toBe(wanted.length);
  expect(await stored()).toEqual(wanted);
  const told = sql`select row ->> 'id' as id from outbox where kind = 'event' and row ->> 'id' = any(${sent}::text[])`;
  expect((await pool.query<{ id: string }>(told)).map(({ id }) => id).toSorted()).toEqual(wanted);
}

test('two pods restart in turn while people write: nothing is lost or doubled, and no session begins anew', async () => {
  const settings = { SHARD_GRACE_S: '60' };
  let [a, b] = await Promise.all([start(0, settings), start(1, settings)]);
  await Promise.all([untilReady(a), untilReady(b)]);
  const listeners = sql`select 1 from pg_stat_activity where application_name = 'docket-listen' and datname = current_database()`;
  expect(await pool.query(listeners)).toHaveLength(2);
  await underTraffic(async () => {
    for (let round = 0; round < 2; round += 1) {
      await end(a);
      a = await start(0, settings);
      await untilReady(a);
      await end(b);
      b = await start(1, settings);
      await untilReady(b);
    }
  });
  const { identifies, resumes, failedResumes, violations } = await control.counts();
  expect({ identifies, resumes, failedResumes, violations }).toEqual({
    identifies: total,
    resumes: 8, // two shards, two pods, two rounds
    failedResumes: 0,
    violations: {},
  });
  await Promise.all([end(a), end(b)]);
}, 180_000);

test('a dead pod’s shards are served by the living one, and go home when it returns, by RESUME', async () => {
  const settings = { SHARD_GRACE_S: '1' };
  const [a, b] = await Promise.all([start(0, settings), start(1, settings)]);
  await Promise.all([untilReady(a), untilReady(b)]);
  const before = await control.counts();
  const leases = async () => ({
    adopted: await sample(a, 'docket_shard_leases_total{what="adopted"}'),
    handedOver: await sample(a, 'docket_shard_leases_total{what="handed-over"}'),
  });
  const first = await leases();
  await underTraffic(async () => {
    await kill(b);
    await expect.poll(() => sample(a, 'docket_shards{state="adopted"}'), { timeout: 60_000 }).toBe(2);
    await expect.poll(() => sample(a, 'docket_shards{state="ready"}'), { timeout: 60_000 }).toBe(4);
    expect(await isReady(a)).toBe(true);
    const again = await start(1, settings);
    await untilReady(again);
    await expect.poll(() => sample(a, 'docket_shards{state="adopted"}'), { timeout: 10_000 }).toBe(0);
    expect(await leases()).toEqual({ adopted: first.adopted + 2, handedOver: first.handedOver + 2 });
  });
  const { identifies, resumes, sessions, violations } = await control.counts();
  expect({ identifies, resumes, sessions, violations }).toEqual({
    identifies: before.identifies,
    resumes: before.resumes + 4,
    sessions: total,
    violations: {},
  });
}, 180_000);

test('a pod whose clusters do not stay alive ends, and says so by its code', async () => {
  const { role } = await start(0);
  let isOver = false;
  void role.ended.then(() => (isOver = true));
  const killed = async () => {
    if (!isOver) for (const pid of childrenOf(role.pid)) process.kill(pid, 'SIGKILL');
    return isOver;
  };
  await expect.poll(killed, { timeout: 60_000 }).toBe(true);
  const { code, err } = await role.ended;
  expect(code).toBe(1);
  expect(err).toContain('clusters do not stay alive; giving up');
}, 120_000);

test('the number of shards changes only while no pod runs; then it is the new one for all', async () => {
  const reshard = { ...env, TOTAL_SHARDS: '2' };
  const a = await start(0);
  await untilReady(a);
  const other = await runRole(['cluster'], reshard);
  expect(other).toMatchObject({ code: 2, err: expect.stringMatching(/TOTAL_SHARDS is 2.*4 shards.*--reshard/) });
  const refused = await runRole(['cluster', '--reshard'], reshard);
  expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/docket-0\/0 holds 0; docket-0\/1 holds 1/) });
  await end(a);
  expect(await runRole(['cluster', '--reshard'], reshard)).toMatchObject({ code: 0, out: '{"from":4,"total":2}\n' });
  const rows = await pool.query(sql`select id, session_id from shard order by id`);
  expect(rows).toEqual([0, 1].map((id) => ({ id, session_id: null })));
}, 120_000);
