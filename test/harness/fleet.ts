import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flag, readConfig } from '#runtime/config.ts';
import { type Child, startChild } from '#runtime/embedded/children.ts';
import { type ChdbReady, chdbChild } from '#runtime/embedded/clickhouse.ts';
import { freePort } from '#runtime/embedded/ports.ts';
import { ensureDatabase, type EmbeddedPostgres } from '#runtime/embedded/postgres.ts';
import { keepPostgres } from '#runtime/embedded/postgres-watch.ts';
import { createLog } from '#runtime/log.ts';
import { type Control, createControl, type Limits } from '#simulator/client.ts';
import { startBalancer } from './balancer.ts';
import { type Desk, openDesk, until } from './desk.ts';
import { childrenOf, declareRole, type RoleProcess } from './process.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { runRole, type SimulatorLine } from './stack.ts';
import { startWatch, type Watch } from './watch.ts';

const { KEEP_STACK } = readConfig({
  KEEP_STACK: flag({ default: false, doc: "whether a test's stack leaves its folder behind" }),
});

export const shardCount = 8;
const podCount = 2;
const shardsPerCluster = 2;

/** The roles of a fleet, each a process of its own. */
export type RoleName =
  | 'simulator'
  | 'docket-0'
  | 'docket-1'
  | 'worker'
  | 'analytics-0'
  | 'analytics-1'
  | 'api'
  // These run only where interactions come by HTTP.
  | 'interactions-0'
  | 'interactions-1';

/** Two pods of two clusters of two shards, and everything they need: each role a process, each store behind a cable. */
export type Fleet = {
  readonly roles: Readonly<Record<RoleName, RoleProcess>>;
  readonly control: Control;
  readonly desks: readonly Desk[];
  readonly watch: Watch;
  /** Where everything is kept. */
  readonly folder: string;
  /** What roles reach the stores through. */
  readonly cables: { readonly postgres: Proxy; readonly clickhouse: Proxy };
  readonly postgres: EmbeddedPostgres;
  readonly chdb: Child<ChdbReady>;
  /** Beside the cables, so that a test sees the stores whatever happens to those. */
  readonly databaseUrl: string;
  readonly clickhouseUrl: string;
  /** The process of one cluster of a pod (0 or 1 of each). */
  clusterPid(pod: 'docket-0' | 'docket-1', index: number): number;
  /** Every shard is connected, and every role ready. */
  untilWhole(): Promise<void>;
  /** Starts the simulator again, with the fleet's limits. */
  startSimulator(): Promise<void>;
  verify(): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
};

/** Buckets of two shards, one on each pod, so that the pods must agree on IDENTIFYs; a heartbeat that finds dead connections within a test. A session
 * still ends as late as at Discord: a cluster that hangs is replaced long before. */
const limits: Partial<Limits> = { maxConcurrency: 4, recommendedShards: shardCount, heartbeatIntervalMs: 5_000 };

const log = createLog({ role: 'test', level: 'error' });
const giveUp = (name: string, lastWords: string): void => log.fatal({ name, lastWords }, 'a store kept ending');

/** Makes servers until each of `count` shards in turn has one; those of other shards are deleted again. */
async function settleGuilds(control: Control, count: number): Promise<void> {
  const wanted = new Set(Array.from({ length: count }, (_, i) => Math.floor((i * shardCount) / count)));
  while (wanted.size > 0) {
    const guild = await control.createGuild({ name: `Server ${wanted.size}`, members: 3 });
    if (!wanted.delete(Number((BigInt(guild.id) >> 22n) % BigInt(shardCount)))) await control.deleteGuild(guild.id);
  }
}

async function startStores(folder: string, keepFreeBytes?: number) {
  const [postgres, chdb] = await Promise.all([
    keepPostgres({ folder: join(folder, 'postgres'), password: 'test', log, onGiveUp: giveUp }),
    startChild<ChdbReady>(chdbChild(join(folder, 'chdb'), keepFreeBytes), {
      folder: join(folder, 'run'),
      log,
      onGiveUp: giveUp,
    }),
  ]);
  await ensureDatabase(postgres, 'docket');
  const cables = { postgres: await startProxy(postgres.port), clickhouse: await startProxy(chdb.ready.port) };
  return { postgres, chdb, cables };
}

/** Starts a fleet with a server on each of `guilds` shards, set up by its owner. With KEEP_STACK its folder stays, logs and databases included. */
export async function startFleet(
  o: {
    guilds?: number;
    env?: (role: RoleName) => Record<string, string>;
    /** How interactions come; by HTTP they reach two processes behind a balancer. */
    interactions?: 'gateway' | 'http';
    /** KAFKA_BROKERS; without it the outbox is the log. */
    kafka?: string;
    /** How much of the disk ClickHouse leaves alone. */
    keepFreeBytes?: number;
  } = {},
): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'docket-fleet-'));
  await chmod(folder, 0o755); // as root, Postgres runs as another user and has to pass through
  const logs = join(folder, 'logs');
  await mkdir(logs);
  const { postgres, chdb, cables } = await startStores(folder, o.keepFreeBytes);
  const databaseUrl = postgres.url('docket');
  const clickhouseUrl = `http://127.0.0.1:${chdb.ready.port}/docket`;

  const simulatorPort = String(await freePort());
  const simulator = declareRole({
    name: 'simulator',
    args: ['simulator', '--port', simulatorPort, '--guilds', '0', '--data', join(folder, 'discord')],
    env: { LOG_LEVEL: 'info' },
    folder: logs,
  });
  await simulator.start();
  const place = simulator.announced as SimulatorLine;
  const control = createControl(place.control);
  await control.limits(limits);
  await settleGuilds(control, o.guilds ?? 4);

  const throughCable = new URL(databaseUrl);
  throughCable.port = String(cables.postgres.port);
  const env = {
    DATABASE_URL: throughCable.href,
    CLICKHOUSE_URL: `http://127.0.0.1:${cables.clickhouse.port}/docket`,
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    DISCORD_TOKEN: place.token,
    DISCORD_API_URL: place.api,
    DISCORD_CLIENT_SECRET: place.clientSecret,
    PUBLIC_URL: undefined,
    HTTP_EXTERNAL: undefined,
    INTERACTIONS: o.interactions,
    INTERACTIONS_URL: undefined,
    KAFKA_BROKERS: o.kafka,
    LOG_LEVEL: 'info',
  };
  for (const once of ['migrate', 'register']) {
    const { code, stderr } = await runRole([once], env);
    if (code !== 0) throw new Error(`${once} ended with ${code}:\n${stderr}`);
  }
  const role = async (name: RoleName, args: string[], more: Record<string, string> = {}): Promise<RoleProcess> =>
    declareRole({
      name,
      args,
      env: { ...env, ...more, ...o.env?.(name) },
      folder: logs,
      healthPort: await freePort(),
    });
  const pod = (name: 'docket-0' | 'docket-1'): Promise<RoleProcess> =>
    role(name, ['cluster'], {
      POD_NAME: name,
      POD_COUNT: String(podCount),
      SHARDS_PER_CLUSTER: String(shardsPerCluster),
      TOTAL_SHARDS: String(shardCount),
    });
  const listener = async (name: RoleName, args: string[]) => {
    const port = await freePort();
    return { port, role: await role(name, args, { PORT: String(port), HOST: '127.0.0.1', DRAIN_S: '1' }) };
  };
  const doors = [
    await listener('interactions-0', ['interactions']),
    await listener('interactions-1', ['interactions']),
  ];
  const [first, second] = doors as [(typeof doors)[0], (typeof doors)[0]];
  const roles = {
    simulator,
    'docket-0': await pod('docket-0'),
    'docket-1': await pod('docket-1'),
    worker: await role('worker', ['worker']),
    'analytics-0': await role('analytics-0', ['analytics']),
    'analytics-1': await role('analytics-1', ['analytics']),
    api: (await listener('api', ['api'])).role,
    'interactions-0': first.role,
    'interactions-1': second.role,
  };
  const isByHttp = o.interactions === 'http';
  const balancer = isByHttp
    ? await startBalancer(doors.map((door) => ({ port: door.port, healthPort: door.role.healthPort ?? 0 })))
    : undefined;
  const watch = startWatch(control);
  const all = Object.values(roles).filter((one) => isByHttp || !one.name.startsWith('interactions'));
  const stop = async (): Promise<void> => {
    await watch.stop();
    await Promise.all(all.filter((one) => one !== simulator).map((one) => one.terminate()));
    await simulator.terminate();
    await balancer?.close();
    await Promise.all([chdb.stop(), postgres.stop(), cables.postgres.close(), cables.clickhouse.close()]);
    if (!KEEP_STACK) await rm(folder, { recursive: true, force: true });
  };
  const untilWhole = async (): Promise<void> => {
    await until(
      async () => {
        const running = all.filter((one) => !one.isRunning).map((one) => one.name);
        const { connections } = await control.counts();
        return { running, connections };
      },
      ({ running, connections }) => running.length === 0 && connections === shardCount,
      90_000,
    );
  };
  try {
    await Promise.all(all.filter((one) => one !== simulator).map((one) => one.start()));
    await untilWhole();
    if (balancer) {
      const address = { ...env, INTERACTIONS_URL: `http://127.0.0.1:${balancer.port}/interactions` };
      const { code, stderr } = await runRole(['register'], address);
      if (code !== 0) throw new Error(`register ended with ${code}:\n${stderr}`);
    }
    const { guilds } = await control.state();
    const desks = await Promise.all(guilds.map((_, index) => openDesk(control, index)));
    return {
      roles,
      control,
      desks,
      watch,
      folder,
      cables,
      postgres,
      chdb,
      databaseUrl,
      clickhouseUrl,
      clusterPid: (name, index) => childrenOf(roles[name].pid).toSorted((a, b) => a - b)[index] ?? 0,
      untilWhole,
      async startSimulator() {
        await simulator.start();
        await control.limits(limits);
      },
      async verify() {
        const { stdout, stderr, code } = await runRole(['verify'], {
          ...env,
          DATABASE_URL: databaseUrl,
          CLICKHOUSE_URL: clickhouseUrl,
        });
        if (code !== 0 && code !== 1) throw new Error(`verify ended with ${code}:\n${stdout}\n${stderr}`);
        return JSON.parse(stdout) as Record<string, unknown>;
      },
      stop,
    };
  } catch (error) {
    const words = all.map((one) => `— ${one.name}\n${one.lastWords(5)}`);
    await stop();
    throw new Error(`the fleet did not stand up:\n${words.join('\n')}`, { cause: error });
  }
}
