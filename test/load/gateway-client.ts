/** A process of the gateway bench: one client, ours or discord.js's own, that counts messages when the parent asks for it. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'discord.js';
import { startShards } from '#cluster/gateway/shards.ts';
import { readApplication } from '#discord/application.ts';
import { createPlainRest } from '#discord/rest.ts';
import { parseTopic } from '#discord/topic.ts';
import { createLog } from '#runtime/log.ts';
import { createPool, sql } from '#runtime/postgres.ts';
import { metrics } from '#runtime/telemetry.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { registerBot } from '#tickets/store/fleet/shard-total.ts';

/** Ours: the product's gateway path. Theirs: discord.js's default Client. */
export type Which = 'ours' | 'theirs';
export type ClientTask = {
  which: Which;
  api: string;
  token: string;
  guilds: number;
  shards: number;
  postgresUrl: string;
};
/** Messages that have arrived, those of them in tickets, and the processor time of this process. */
export type Reading = { messages: number; inTickets: number; cpuMs: number };
export type ClientAnswer = { kind: 'ready'; heapBytes: number } | ({ kind: 'reading' } & Reading);
/** A message asks for a reading once so many messages have arrived. */
export type ClientQuestion = { messages: number };

type Counter = { isReady(): Promise<boolean>; count(): Promise<{ messages: number; inTickets: number }> };

const log = createLog({ role: 'bench', level: 'warn' });
const connectWithinMs = 150_000;
const arriveWithinMs = 120_000;

async function startOurs(task: ClientTask): Promise<Counter> {
  const rest = createPlainRest({ token: task.token, apiUrl: task.api });
  const pool = createPool({ url: task.postgresUrl, name: 'bench', max: 10, log });
  const application = await readApplication(rest);
  await registerBot(pool, { botId: application.id, total: task.shards });
  const startedAt = Date.now();
  let inTickets = 0;
  const shards = await startShards({
    // The clock stands, for the store has no rows for these tickets: their channels would be forgotten after two minutes.
    ctx: {
      db: pool,
      log,
      now: () => startedAt,
      keys: createKeyring(randomBytes(32).toString('base64')),
      premium: 'everyone',
    },
    rest,
    token: task.token,
    application,
    shardIds: Array.from({ length: task.shards }, (_, id) => id),
    shardCount: task.shards,
    cluster: 'bench-0/0',
    onInteraction: () => Promise.resolve(),
    record: (changes) => {
      inTickets += changes.length;
      return Promise.resolve();
    },
    onFatal: (error) => {
      throw error;
    },
  });
  return {
    async isReady() {
      const stored = (await pool.query<{ n: number }>(sql`select count(*) as n from guild`))[0]?.n ?? 0;
      return shards.stats().ready === task.shards && stored === task.guilds;
    },
    async count() {
      const { values } = await metrics.gatewayDispatches.get();
      return { messages: values.find((one) => one.labels.event === 'MESSAGE_CREATE')?.value ?? 0, inTickets };
    },
  };
}

async function startTheirs(task: ClientTask): Promise<Counter> {
  const { intents } = await readApplication(createPlainRest({ token: task.token, apiUrl: task.api }));
  const client = new Client({ intents, shards: 'auto', rest: { api: task.api } });
  const counts = { messages: 0, inTickets: 0 };
  client.on('messageCreate', ({ channel }) => {
    counts.messages += 1;
    if ('topic' in channel && parseTopic(channel.topic) !== null) counts.inTickets += 1;
  });
  await client.login(task.token);
  const isWhole = (): boolean =>
    client.isReady() && client.guilds.cache.reduce((sum, guild) => sum + Number(guild.available), 0) === task.guilds;
  return { isReady: () => Promise.resolve(isWhole()), count: () => Promise.resolve({ ...counts }) };
}

/** Heap in use after a full collection: the parent starts this process with --expose-gc. */
function heapBytes(): number {
  for (let i = 0; i < 4; i += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const answer = (one: ClientAnswer): void => void process.send?.(one);

async function run(task: ClientTask): Promise<void> {
  const before = heapBytes();
  const counter = await (task.which === 'ours' ? startOurs(task) : startTheirs(task));
  const deadline = performance.now() + connectWithinMs;
  while (!(await counter.isReady())) {
    if (performance.now() > deadline) throw new Error(`${task.which}: not connected within ${connectWithinMs} ms`);
    await sleep(250);
  }
  await sleep(1_000); // what the connection has left behind is let go
  const after = heapBytes();
  process.on('message', (question) => {
    void read(counter, question as ClientQuestion); // what it throws ends this process, which the parent notices
  });
  answer({ kind: 'ready', heapBytes: after - before });
}

async function read(counter: Counter, { messages }: ClientQuestion): Promise<void> {
  const deadline = performance.now() + arriveWithinMs;
  let counts = await counter.count();
  while (counts.messages < messages && performance.now() < deadline) {
    await sleep(25);
    counts = await counter.count();
  }
  const { user, system } = process.cpuUsage();
  answer({ kind: 'reading', ...counts, cpuMs: (user + system) / 1_000 });
}

process.once('message', (task) => {
  void run(task as ClientTask); // see above
});
process.once('disconnect', () => process.exit(0));
