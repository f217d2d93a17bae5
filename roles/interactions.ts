import type { KeyObject } from 'node:crypto';
import type { ClickHouse } from '#analytics/clickhouse/client.ts';
import { channels } from '#cluster/ipc.ts';
import { createDispatch } from '#cluster/interactions/dispatch.ts';
import { createPanelCache } from '#cluster/interactions/panel-cache.ts';
import { serveInteractions } from '#cluster/interactions/http.ts';
import { type Application, setInteractionsUrl } from '#discord/application.ts';
import type { RestClient } from '#cluster/interactions/deps.ts';
import { readPublicKey } from '#discord/signature.ts';
import { listen } from '#runtime/listen.ts';
import { now } from '#runtime/clock.ts';
import { ConfigError, integer, port, readConfig, text } from '#runtime/config.ts';
import { announceReady } from '#runtime/embedded/ready.ts';
import { createLog } from '#runtime/log.ts';
import { waitMs } from '#runtime/retry.ts';
import { createStop, type Stop } from '#runtime/stop.ts';
import type { Ctx } from '#tickets/context.ts';
import { type Discord, listening, openClickhouse, openDiscord, openHealth, openPostgres, readKeys } from './parts.ts';
import {
  bot,
  databases,
  DISCORD_PUBLIC_KEY,
  ENCRYPTION_KEY,
  observation,
  PREMIUM,
  publicAddress,
  publicUrlOf,
  VOTE_URL,
} from './variables.ts';

const PORT = port({ default: 3_000, doc: 'where POST /interactions listens' });
const HOST = text({ default: '0.0.0.0', doc: 'the address to listen on' });
const DRAIN_S = integer({
  min: 0,
  max: 300,
  default: 5,
  doc: 'seconds for which interactions are still taken after SIGTERM, until whoever balances the load has seen /readyz',
});

/** What this role reads from its environment. */
export const variables = {
  ...databases,
  ...bot,
  ...publicAddress,
  ...observation,
  ENCRYPTION_KEY,
  DISCORD_PUBLIC_KEY,
  PORT,
  HOST,
  DRAIN_S,
  PREMIUM,
  VOTE_URL,
};

/** The key that signatures are checked with. Throws ConfigError when `given` is malformed or another application's. */
export function publicKeyOf(application: Application, given: string | undefined): KeyObject {
  if (given !== undefined && given.toLowerCase() !== application.publicKey) {
    // Every signature would be refused, and Discord would take the address away.
    throw new ConfigError([`DISCORD_PUBLIC_KEY is not the key of ${application.name}. ${DISCORD_PUBLIC_KEY.fix}`]);
  }
  return readPublicKey(application.publicKey);
}

/** Sets where Discord posts interactions to. Throws ConfigError when Discord does not get the right answers from there. */
export async function tellDiscord(o: {
  rest: RestClient;
  application: Application;
  url: string | null;
}): Promise<void> {
  if (o.application.interactionsUrl === o.url || (await setInteractionsUrl(o.rest, o.url))) return;
  const fix = 'Start the role interactions and let Discord reach it there by https, then try again.';
  throw new ConfigError([`INTERACTIONS_URL: Discord asked ${o.url} and did not get the right answers. ${fix}`]);
}

/** Takes interactions over HTTP until `stop`, and for `drainMs` longer; what was acknowledged is finished. */
export async function startInteractions(o: {
  ctx: Ctx;
  /** For LISTEN, which needs a session connection of its own. */
  databaseUrl: string;
  discord: Discord;
  clickhouse: ClickHouse;
  publicUrl: string | null;
  voteUrl: string | null;
  publicKey: KeyObject;
  host: string;
  port: number;
  drainMs: number;
  stop: Stop;
}): Promise<{ port: number }> {
  const { log } = o.ctx;
  const { addresses, application, callbackRest, creationRest, rest } = o.discord;
  // Nobody tells this process by IPC: it hears of changed panels itself.
  const panels = createPanelCache(o.ctx.db);
  const listener = await listen({
    url: o.databaseUrl,
    channels: [channels.panels],
    log,
    onNotify: (_, guildId) => panels.drop(guildId),
    onReconnect: () => panels.drop(),
  });
  const dispatch = createDispatch({
    ctx: o.ctx,
    panels,
    rest: callbackRest,
    botRest: rest,
    creationRest,
    authorizeUrl: addresses.oauthAuthorize,
    clickhouse: o.clickhouse,
    applicationId: application.id,
    botUserId: application.botUserId,
    publicUrl: o.publicUrl,
    voteUrl: o.voteUrl,
    log,
  });
  const { host, publicKey } = o;
  const server = await listening('PORT', o.port, () =>
    serveInteractions({ port: o.port, host, publicKey, dispatch, now: () => o.ctx.now(), log }),
  );
  o.stop.add('interactions', async () => {
    server.drain();
    await waitMs(o.drainMs);
    await server.stop();
    await listener.close();
  });
  return { port: server.port };
}

/** Serves interactions over HTTP. No gateway, no shards: as many of these may run as there are interactions. */
export async function run(): Promise<void> {
  const config = readConfig(variables);
  const keys = readKeys(config.ENCRYPTION_KEY);
  const log = createLog({ role: 'interactions', level: config.LOG_LEVEL });
  const stop = createStop({ log, interrupted: 0, lateMs: config.DRAIN_S * 1_000 });
  const db = await openPostgres({ url: config.DATABASE_URL, name: 'interactions', log, stop });
  const clickhouse = openClickhouse({ url: config.CLICKHOUSE_URL, stop });
  const { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl } = config;
  const discord = await openDiscord({ token, apiUrl, db, log, signal: stop.signal });
  const publicKey = publicKeyOf(discord.application, config.DISCORD_PUBLIC_KEY);
  // Not ready while a database is away would leave Discord with nobody at all: an interaction is acknowledged from memory.
  const health = await openHealth({ port: config.HEALTH_PORT, log, stop });
  let isServing = false;
  health.check('interactions', async () => {
    if (stop.signal.aborted) throw new Error('is stopping');
    if (!isServing) throw new Error('is starting');
  });
  const served = await startInteractions({
    ctx: { db, log, now, keys, premium: config.PREMIUM },
    databaseUrl: config.DATABASE_URL,
    discord,
    clickhouse,
    publicUrl: publicUrlOf(config),
    voteUrl: config.VOTE_URL ?? null,
    publicKey,
    host: config.HOST,
    port: config.PORT,
    drainMs: config.DRAIN_S * 1_000,
    stop,
  });
  isServing = true;
  log.info({ port: served.port }, 'interactions served');
  announceReady({ port: served.port, healthPort: health.port });
}
