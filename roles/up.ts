import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { APIPartialGuild } from 'discord-api-types/v10';
import { migrateClickhouse } from '#analytics/clickhouse/migrate.ts';
import { interactionsPath } from '#cluster/interactions/http.ts';
import { registerCommands } from '#cluster/interactions/register.ts';
import { startDemo } from '#demo/demo.ts';
import { type DemoGuild, preparePeople } from '#demo/people.ts';
import { now } from '#runtime/clock.ts';
import { choice, ConfigError, type ConfigOf, readConfig, text } from '#runtime/config.ts';
import { type Child, startChild } from '#runtime/embedded/children.ts';
import { chdbChild } from '#runtime/embedded/clickhouse.ts';
import { freePort, isPortFree } from '#runtime/embedded/ports.ts';
import { ensureDatabase } from '#runtime/embedded/postgres.ts';
import { keepPostgres } from '#runtime/embedded/postgres-watch.ts';
import { lockDataDir, removeRunFile, unlockDataDir, writeRunFile } from '#runtime/embedded/run-file.ts';
import { readSecrets } from '#runtime/embedded/secrets.ts';
import { createLog, type Log, logLevels } from '#runtime/log.ts';
import { openObjects } from '#runtime/objects/open.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop, type Stop } from '#runtime/stop.ts';
import { type Control, createControl } from '#simulator/client.ts';
import type { Ctx } from '#tickets/context.ts';
import { migrate } from '#tickets/store/migrate.ts';
import { startAnalytics } from './analytics.ts';
import { startApi } from './api.ts';
import { kafkaOf, kafkaTexts } from './kafka.ts';
import { publicKeyOf, startInteractions, tellDiscord } from './interactions.ts';
import { clickhouseAt, openClickhouse, openDiscord, openHealth, openPostgres, portTaken, readKeys } from './parts.ts';
import {
  attachmentLimitsOf,
  attachments,
  CLICKHOUSE_CLUSTER,
  DATA_DIR,
  DISCORD_API_URL,
  DISCORD_CLIENT_SECRET,
  DISCORD_PUBLIC_KEY,
  HEALTH_PORT,
  INTERACTIONS,
  INTERACTIONS_PORT,
  INTERACTIONS_URL,
  kafka as kafkaVariables,
  objectStore,
  optional,
  PORT,
  PREMIUM,
  publicAddress,
  publicUrlOf,
  VOTE_URL,
} from './variables.ts';
import { buildWeb } from './web-build.ts';
import { startWorker } from './worker.ts';

const spec = {
  ...optional,
  ...publicAddress,
  ...objectStore,
  ...attachments,
  ...kafkaVariables,
  PREMIUM,
  VOTE_URL,
  DISCORD_API_URL,
  CLICKHOUSE_CLUSTER,
  DISCORD_CLIENT_SECRET,
  DISCORD_PUBLIC_KEY,
  INTERACTIONS,
  INTERACTIONS_PORT,
  INTERACTIONS_URL,
  PORT,
  HEALTH_PORT,
  DATA_DIR,
  HOST: text({ default: 'localhost', doc: 'the address to listen on; 0.0.0.0 opens it to the network' }),
  LOG_LEVEL: choice({ of: logLevels, default: 'warn', doc: 'the least severe line that is logged' }),
};
type Config = ConfigOf<typeof spec>;
type Simulator = { api: string; control: string; token: string; clientSecret: string };

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const demoGuilds = 2;
const concurrency = 8;

/** Adds the end of something that is only starting, so that a Ctrl-C in the middle ends it too. */
function keep<T extends { stop(): Promise<void> }>(stop: Stop, name: string, starting: Promise<T>): Promise<T> {
  stop.add(name, async () => {
    const started = await starting.catch(() => undefined); // whoever awaits it tells why
    await started?.stop();
  });
  return starting;
}

/** The databases and the local Discord, as far as the environment does not name others. Steps are added in the reverse of the order of ending. */
async function startPlaces(config: Config, log: Log, stop: Stop) {
  const secrets = readSecrets(config.DATA_DIR);
  const folder = join(config.DATA_DIR, 'run');
  const onGiveUp = (name: string, lastWords: string): void => {
    process.stderr.write(`${name} keeps ending. Its log, also in ${folder}:\n${lastWords}\n`);
    void stop.now(1); // ends the process
  };
  const children = { folder, log, onGiveUp, signal: stop.signal };
  const simulator = config.DISCORD_TOKEN
    ? undefined
    : keep(stop, 'simulator', startChild<Simulator>(simulatorChild(config.DATA_DIR), children));
  const postgres = config.DATABASE_URL
    ? undefined
    : keep(
        stop,
        'embedded postgres',
        keepPostgres({ folder: join(config.DATA_DIR, 'postgres'), password: secrets.postgresPassword, log, onGiveUp }),
      );
  const chdb = config.CLICKHOUSE_URL
    ? undefined
    : keep(stop, 'chdb', startChild(chdbChild(join(config.DATA_DIR, 'clickhouse')), children));
  const [running, server, engine] = await Promise.all([simulator, postgres, chdb]);
  if (server) await ensureDatabase(server, 'docket');
  return {
    simulator: running?.ready,
    children,
    databaseUrl: config.DATABASE_URL ?? server?.url('docket') ?? '',
    clickhouseUrl: config.CLICKHOUSE_URL ?? `http://127.0.0.1:${engine?.ready.port}/docket`,
    encryptionKey: config.ENCRYPTION_KEY ?? secrets.encryptionKey,
    token: running?.ready.token ?? config.DISCORD_TOKEN ?? '',
    apiUrl: running?.ready.api ?? config.DISCORD_API_URL,
    clientSecret: running?.ready.clientSecret ?? config.DISCORD_CLIENT_SECRET ?? null,
  };
}

function simulatorChild(dataDir: string) {
  return {
    name: 'simulator',
    args: (before: Simulator | undefined) => {
      const port = before ? new URL(before.api).port : '0';
      return [main, 'simulator', '--port', port, '--guilds', String(demoGuilds), '--data', join(dataDir, 'simulator')];
    },
    env: { LOG_LEVEL: 'info' },
    patienceMs: 5_000,
  };
}

type Places = Awaited<ReturnType<typeof startPlaces>>;

function startCluster(places: Places, publicUrl: string): Promise<Child<unknown>> {
  const env = {
    DATABASE_URL: places.databaseUrl,
    CLICKHOUSE_URL: places.clickhouseUrl,
    ENCRYPTION_KEY: places.encryptionKey,
    DISCORD_TOKEN: places.token,
    DISCORD_API_URL: places.apiUrl,
    PUBLIC_URL: publicUrl,
    HTTP_EXTERNAL: undefined,
    HEALTH_PORT: '0',
    LOG_LEVEL: 'info',
  };
  // Its clusters may take 22 s, this process 25.
  return startChild({ name: 'cluster', args: () => [main, 'cluster'], env, patienceMs: 24_000 }, places.children);
}

/** A server's people as the sign-in page names them. */
const peopleOf = (guild: DemoGuild) =>
  guild.people.map(({ id, name, role }) => ({ id, name, role, guildName: guild.name }));

/** What the lines for people, and the line for scripts, tell. */
type Report = {
  web: string;
  api: string;
  simulator: string | null;
  guilds: { id: string; name: string }[];
  demo: DemoGuild[];
};

function printReport(report: Report, isSignInOn: boolean): void {
  const people = report.demo.flatMap((guild) => guild.people);
  const owner = people.find((person) => person.role === 'owner');
  const guild = report.demo.find((one) => one.id === owner?.guildId);
  printLine('');
  printLine(`  Dashboard   ${report.web}`);
  printLine(`  API         ${report.api}/openapi.json`);
  if (report.simulator)
    printLine(`  Discord     ${report.simulator} (a local one: set DISCORD_TOKEN to serve the real one)`);
  if (owner && guild) printLine(`  Sign in as  ${owner.name}, who owns ${guild.name}`);
  else if (!isSignInOn) printLine('  Sign-in is off: set DISCORD_CLIENT_SECRET to turn it on.');
  printLine('  Stop with Ctrl-C; the next start continues.');
  printLine('');
  const { web, api, simulator, guilds } = report;
  printLine(`docket ready ${JSON.stringify({ web, api, simulator, guilds, people })}`);
}

async function bringUp(config: Config, log: Log, stop: Stop): Promise<void> {
  const going = <T>(value: T): T => {
    stop.signal.throwIfAborted();
    return value;
  };
  const building = buildWeb({ signal: stop.signal, onBuild: () => printLine('Building the web app …') });
  building.catch(() => undefined); // awaited below
  const places = going(await startPlaces(config, log, stop));
  const { databaseUrl, clickhouseUrl, token, apiUrl } = places;
  const first = clickhouseAt(clickhouseUrl);
  // What is embedded is one server, whatever other roles are told.
  const clickhouseCluster = (config.CLICKHOUSE_URL && config.CLICKHOUSE_CLUSTER) || null;
  try {
    await Promise.all([migrate({ url: databaseUrl, log }), migrateClickhouse(first, clickhouseCluster)]);
  } finally {
    await first.close();
  }
  const pool = going(await openPostgres({ url: databaseUrl, name: 'up', max: 20, log, stop }));
  const clickhouse = openClickhouse({ url: clickhouseUrl, stop });
  const discord = going(await openDiscord({ token, apiUrl, db: pool, log, signal: stop.signal }));
  const keys = readKeys(places.encryptionKey);
  // Known before anything listens: the clusters link to it.
  const port = config.PORT === 0 ? await freePort(config.HOST) : config.PORT;
  const publicUrl = publicUrlOf(config) ?? `http://localhost:${port}`;

  const kafka = kafkaOf(config);
  const checkAnalytics = startAnalytics({ databaseUrl, pool, clickhouse, kafka, log, stop });
  const objects = openObjects(config);
  const ctx: Ctx = { db: pool, log, now, keys, premium: config.PREMIUM };
  await startWorker({
    ctx,
    discord,
    objects,
    limits: attachmentLimitsOf(config),
    databaseUrl,
    publicUrl,
    concurrency,
    stop,
  });
  await registerCommands({ rest: discord.rest, applicationId: discord.application.id });
  await settleInteractions(config, {
    ctx,
    discord,
    clickhouse,
    publicUrl,
    voteUrl: config.VOTE_URL ?? null,
    stop,
    databaseUrl,
    isLocal: places.simulator !== undefined,
  });
  going(await keep(stop, 'cluster', startCluster(places, publicUrl)));
  const control = places.simulator ? createControl(places.simulator.control) : undefined;
  const demo = control ? await preparePeople(control) : [];
  await building;
  const web = await startApi({
    pool,
    clickhouse,
    keys,
    premium: config.PREMIUM,
    objects,
    discord,
    databaseUrl,
    publicUrl,
    log,
    stop,
    clientSecret: places.clientSecret,
    host: config.HOST,
    port,
    ...(control && { people: () => demo.flatMap(peopleOf) }),
  });
  const health = await openHealth({ port: config.HEALTH_PORT, log, stop, db: pool, clickhouse });
  if (kafka) health.check('kafka', async () => checkAnalytics());
  stop.add('run file', async () => removeRunFile(config.DATA_DIR));
  const addresses = { databaseUrl, clickhouseUrl, discordApiUrl: apiUrl, discordToken: token, web };
  writeRunFile(config.DATA_DIR, { ...addresses, ...(kafka && { kafka: kafkaTexts(config) }) });

  const known = (await discord.rest.get('/users/@me/guilds')) as APIPartialGuild[];
  const guilds = known.map(({ id, name }) => ({ id, name }));
  going(undefined);
  const report = { web, api: `${web}/api`, simulator: places.simulator?.api ?? null, guilds, demo };
  printReport(report, places.clientSecret !== null);
  if (control) runDemo(control, demo, log, stop);
}

/**
 * Takes interactions over HTTP when INTERACTIONS says so. Where they are posted to is set at a local Discord, which nobody else configures;
 * at the real one only INTERACTIONS_URL does that.
 */
async function settleInteractions(
  config: Config,
  o: Omit<Parameters<typeof startInteractions>[0], 'publicKey' | 'host' | 'port' | 'drainMs'> & { isLocal: boolean },
): Promise<void> {
  const { application, rest } = o.discord;
  if (config.INTERACTIONS === 'gateway') {
    if (o.isLocal) await tellDiscord({ rest, application, url: null });
    return;
  }
  const publicKey = publicKeyOf(application, config.DISCORD_PUBLIC_KEY);
  const { HOST: host, INTERACTIONS_PORT } = config;
  const { port } = await startInteractions({ ...o, publicKey, host, port: INTERACTIONS_PORT, drainMs: 0 });
  const local = o.isLocal ? `http://${host === '0.0.0.0' ? 'localhost' : host}:${port}${interactionsPath}` : undefined;
  const url = config.INTERACTIONS_URL ?? local;
  if (url) await tellDiscord({ rest, application, url });
}

/** Lets the demo's people loose. They move in while Docket serves already, so nothing waits for them, the end included. */
function runDemo(control: Control, guilds: DemoGuild[], log: Log, stop: Stop): void {
  const living: { demo?: Awaited<ReturnType<typeof startDemo>> } = {};
  stop.add('demo', async () => living.demo?.stop());
  startDemo({ control, guilds, log }).then(
    (demo) => {
      living.demo = demo;
    },
    (err: unknown) => {
      if (!stop.signal.aborted) log.error({ err }, 'demo could not be set up');
    },
  );
}

/** Everything on one machine; what the environment does not name is embedded. */
export async function run(): Promise<void> {
  const given = readConfig(spec);
  const config = { ...given, DATA_DIR: resolve(given.DATA_DIR) };
  if (config.PORT !== 0 && !(await isPortFree(config.PORT, config.HOST))) {
    throw new ConfigError([portTaken('PORT', config.PORT)]);
  }
  kafkaOf(config); // before anything starts, so that what is wrong is told at once
  mkdirSync(config.DATA_DIR, { recursive: true });
  const other = lockDataDir(config.DATA_DIR, 'main.ts up');
  if (other !== undefined) {
    const fix = 'Stop it first, or choose another folder with DATA_DIR.';
    throw new ConfigError([`Docket runs on ${config.DATA_DIR} already (process ${other}). ${fix}`]);
  }
  const log = createLog({ role: 'up', level: config.LOG_LEVEL });
  const stop = createStop({ log, interrupted: 0 });
  stop.add('lock', async () => unlockDataDir(config.DATA_DIR));
  printLine('Docket is starting …');
  try {
    await bringUp(config, log, stop);
  } catch (error) {
    if (!stop.signal.aborted) {
      const lines =
        error instanceof ConfigError
          ? error.problems.map((one) => `- ${one}`)
          : [String((error as Error).stack ?? error)];
      process.stderr.write(`${lines.join('\n')}\n`);
    }
    await stop.now(error instanceof ConfigError ? 2 : 1);
  }
}
