import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type APIGatewayBotInfo, Routes } from 'discord-api-types/v10';
import { channels } from '#cluster/ipc.ts';
import { startSupervisor, type Supervisor } from '#cluster/supervisor.ts';
import { clustersOf, ordinalOf, settleTotal, shardsOfPod } from '#cluster/total.ts';
import { ConfigError, integer, readConfig, text } from '#runtime/config.ts';
import { announceReady } from '#runtime/embedded/ready.ts';
import { listen } from '#runtime/listen.ts';
import { createLog } from '#runtime/log.ts';
import { retry, waitMs } from '#runtime/retry.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { openDiscord, openHealth, openPostgres, readKeys } from './parts.ts';
import { changeTotal } from './reshard.ts';
import {
  bot,
  databases,
  ENCRYPTION_KEY,
  observation,
  SHARD_GRACE_S,
  SHARD_LEASE_S,
  SHARDS_PER_CLUSTER,
  TOTAL_SHARDS,
} from './variables.ts';

const POD_NAME = text({ default: hostname(), doc: 'this pod’s name; the number at its end chooses its shards' });
const POD_COUNT = integer({ min: 1, max: 1_000, default: 1, doc: 'pods that share the shards' });

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** What this role reads from its environment. */
export const variables = {
  ...bot,
  ...observation,
  TOTAL_SHARDS,
  SHARDS_PER_CLUSTER,
  POD_NAME,
  POD_COUNT,
  SHARD_LEASE_S,
  SHARD_GRACE_S,
  // Read here too, though only the clusters use them all, so that a mistake is told once and by this process.
  ...databases,
  ENCRYPTION_KEY,
};

async function untilReady(supervisor: Supervisor, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const isReady = await supervisor.checkReady().then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await waitMs(100, signal).catch(() => undefined); // only the signal ends it, and the loop looks at it
  }
}

/** One pod of the bot: forks the clusters of its shards and keeps them alive. With --reshard it changes their number instead, and ends. */
export async function run(args: readonly string[]): Promise<void> {
  const isResharding = args.includes('--reshard');
  if (args.some((arg) => arg !== '--reshard'))
    throw new ConfigError(['Usage: npm run -s docket -- cluster [--reshard]']);
  const config = readConfig(variables);
  readKeys(config.ENCRYPTION_KEY);
  const log = createLog({ role: 'cluster', level: config.LOG_LEVEL });
  const stop = createStop({ log, interrupted: isResharding ? 1 : 0 });
  const db = await openPostgres({ url: config.DATABASE_URL, name: 'supervisor', max: 2, log, stop });
  const { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl, POD_COUNT: podCount } = config;
  const discord = await openDiscord({ token, apiUrl, db, log, signal: stop.signal });
  const botId = discord.application.id;
  const recommended = async () => ((await discord.rest.get(Routes.gatewayBot())) as APIGatewayBotInfo).shards;
  if (isResharding) {
    const wanted = config.TOTAL_SHARDS ?? (await recommended());
    printLine(JSON.stringify(await changeTotal(db, { botId, total: wanted })));
    await stop.now(0);
  }
  const ordinal = podCount === 1 ? 0 : ordinalOf(config.POD_NAME);
  const total = await settleTotal(db, { botId, wanted: config.TOTAL_SHARDS, recommended });
  const clusters = clustersOf(shardsOfPod({ total, podCount, ordinal }), config.SHARDS_PER_CLUSTER);
  const supervisor = startSupervisor({
    entry: main,
    args: ['shards'],
    token,
    totalShards: total,
    clusters,
    firstClusterId: ordinal * Math.ceil(total / podCount / config.SHARDS_PER_CLUSTER),
    log,
    onSpent: (code) => void stop.now(code), // ends the process
  });
  stop.add('clusters', () => supervisor.stop());
  // One for the pod: its clusters hear by IPC.
  const listener = await retry({ attempts: 10, minMs: 200, maxMs: 2_000, signal: stop.signal }, () =>
    listen({
      url: config.DATABASE_URL,
      channels: Object.values(channels),
      log,
      onNotify: (channel, payload) => supervisor.tell(channel, payload),
      onReconnect: () => supervisor.tellMissed(),
    }),
  );
  stop.add('listener', () => listener.close());
  const health = await openHealth({ port: config.HEALTH_PORT, log, stop, metricsText: () => supervisor.metricsText() });
  health.check('shards', () => supervisor.checkReady());
  await untilReady(supervisor, stop.signal);
  log.info({ total, clusters: clusters.length }, 'shards ready');
  announceReady({ healthPort: health.port });
}
