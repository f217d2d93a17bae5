import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { freePort } from '#runtime/embedded/ports.ts';
import { createPool, sql } from '#runtime/postgres.ts';
import { createControl } from '#simulator/client.ts';
import { childrenOf, declareRole } from '../harness/process.ts';
import { makePostgres } from './bed.ts';
import { start } from './gateway.ts';
import type { GatewayWorld } from './gateway-world.ts';
import type { Row } from './table.ts';

const option = (name: string, otherwise: number): number =>
  Number(process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise);

const guilds = option('guilds', 50_000);
const shards = Math.ceil(guilds / 1_000);
const shardsPerCluster = 8;
const settleMs = 10_000;
const messages = 100_000;
// What is extrapolated to.
const target = { guilds: 100_000, shardsPerPod: 16, messagesPerSecond: 5_000 };
const ticksPerSecond = 100; // USER_HZ, the same on every Linux

/** A process and all below it. */
const treeOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(treeOf)];

/** Memory of processes, bytes; pages that they share count once. */
const bytesOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return sum + Number(kilobytes ?? 0) * 1_024;
  }, 0);

/** Processor time of processes so far, seconds: user and system, the 14th and 15th field of proc_pid_stat(5). */
const cpuOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }, 0);

const connected = sql`select count(*) as n from pg_stat_activity
  where application_name like 'docket-%' and application_name <> 'docket-bench'`;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The role `cluster` with as many shards as `--guilds=` (50,000) needs, one per 1,000 servers, and nothing else of Docket. */
export async function benchFleet(): Promise<Row[]> {
  const postgres = await makePostgres();
  const simulator = start<GatewayWorld>('gateway-world.ts', [String(guilds), String(shards), '0']);
  const pool = createPool({ url: postgres.url, name: 'bench', max: 1, log: postgres.log });
  const healthPort = await freePort();
  const world = await simulator.next();
  const control = createControl(world.control);
  const pod = declareRole({
    name: 'docket-0',
    args: ['cluster'],
    env: {
      DATABASE_URL: postgres.url,
      CLICKHOUSE_URL: 'http://127.0.0.1:1/docket', // asked by /stats alone
      ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      DISCORD_TOKEN: world.token,
      DISCORD_API_URL: world.api,
      TOTAL_SHARDS: String(shards),
      SHARDS_PER_CLUSTER: String(shardsPerCluster),
      LOG_LEVEL: 'warn',
    },
    folder: postgres.folder,
    healthPort,
    readyWithinMs: 600_000,
  });
  const count = async (statement: ReturnType<typeof sql>): Promise<number> =>
    (await pool.query<{ n: number }>(statement))[0]?.n ?? 0;
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')
        .at(-1) ?? 0,
    );
  };
  try {
    const from = performance.now();
    const starting = pod.start();
    let connections = 0; // at most, while every server arrives at once
    while ((await count(sql`select count(*) as n from guild`)) < guilds) {
      connections = Math.max(connections, await count(connected));
      await sleep(100);
    }
    await starting;
    const upS = (performance.now() - from) / 1_000;
    await sleep(settleMs); // what starting has left behind is let go
    const tree = treeOf(pod.pid);
    const clusters = tree.slice(1);
    const bytes = bytesOf(tree);
    const [idleFrom, cpuFrom] = [performance.now(), cpuOf(tree)];
    await sleep(settleMs);
    const idle = (cpuOf(tree) - cpuFrom) / ((performance.now() - idleFrom) / 1_000);
    const busyFrom = cpuOf(tree);
    const before = await metric('docket_gateway_dispatches_total{event="MESSAGE_CREATE"}');
    await control.flood({ count: messages, perSecond: target.messagesPerSecond });
    let arrived = 0;
    for (const deadline = performance.now() + 60_000; arrived < messages && performance.now() < deadline; ) {
      await sleep(250);
      arrived = (await metric('docket_gateway_dispatches_total{event="MESSAGE_CREATE"}')) - before;
    }
    const microsPerMessage = ((cpuOf(tree) - busyFrom) / Math.max(1, arrived)) * 1e6;

    const { violations } = await control.counts();
    const tooEarly = violations['identify_too_early'] ?? 0;
    const mb = (n: number): string => `${Math.round(n / 2 ** 20)} MB`;
    const perCluster = bytes / clusters.length;
    const wanted = Math.ceil(target.guilds / 1_000);
    const pods = Math.ceil(wanted / target.shardsPerPod);
    const processes = Math.ceil(wanted / shardsPerCluster);
    const processors = (microsPerMessage * target.messagesPerSecond) / 1e6 + (idle / shards) * wanted;
    const thousand = (n: number): string => n.toLocaleString('en-GB');
    return [
      {
        what: `fleet: ${shards} shards, ${thousand(guilds)} servers`,
        measured: `${mb(bytes)} in ${clusters.length} clusters: ${mb(bytes / shards)} a shard, ${mb(bytes / (guilds / 1_000))} per 1,000 servers; up in ${upS.toFixed(0)} s, ${tooEarly} IDENTIFYs too early; ${connections} connections to Postgres at most`,
        budget: '≤ 100 MB a shard, 0 too early',
        holds: bytes / shards <= 100 * 2 ** 20 && tooEarly === 0,
      },
      {
        what: `fleet: ${thousand(target.messagesPerSecond)} messages/s`,
        measured: `${thousand(arrived)} of ${thousand(messages)} arrived; ${microsPerMessage.toFixed(0)} µs of a processor each, ${((idle / shards) * 1_000).toFixed(1)} ms/s a shard at rest`,
        budget: 'all arrive',
        holds: arrived >= messages,
      },
      {
        what: `on paper: ${thousand(target.guilds)} servers`,
        measured: `${wanted} shards, ${pods} pods of ${target.shardsPerPod}, ${processes} clusters: ${mb(perCluster * processes)}, ${processors.toFixed(1)} processors at ${thousand(target.messagesPerSecond)} messages/s, ${Math.ceil((connections / clusters.length) * processes)} connections to Postgres at most`,
        budget: '',
        holds: true,
      },
    ];
  } finally {
    await pod.terminate();
    await simulator.stop();
    await pool.end();
    await postgres.close();
  }
}
