import { joinSupervisor } from '#cluster/child.ts';
import { channels } from '#cluster/ipc.ts';
import { recordChanges } from '#cluster/gateway/record.ts';
import { type Shards, startShards } from '#cluster/gateway/shards.ts';
import { createDispatch } from '#cluster/interactions/dispatch.ts';
import { createPanelCache, type PanelCache } from '#cluster/interactions/panel-cache.ts';
import { now } from '#runtime/clock.ts';
import { readConfig, text } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { metrics } from '#runtime/telemetry.ts';
import { createStop } from '#runtime/stop.ts';
import type { Ctx } from '#tickets/context.ts';
import { openClickhouse, openDiscord, openPostgres, readKeys } from './parts.ts';
import {
  bot,
  databases,
  ENCRYPTION_KEY,
  INTERACTIONS,
  LOG_LEVEL,
  PREMIUM,
  publicAddress,
  publicUrlOf,
  SHARD_GRACE_S,
  SHARD_LEASE_S,
  SHARDS_PER_CLUSTER,
  VOTE_URL,
} from './variables.ts';

const POD_NAME = text({ default: 'docket', doc: 'this pod’s name, for people who read which pod owns a shard' });

/** What this role reads from its environment, which is that of its supervisor. */
export const variables = {
  ...databases,
  ...bot,
  ...publicAddress,
  ENCRYPTION_KEY,
  INTERACTIONS,
  POD_NAME,
  SHARDS_PER_CLUSTER,
  SHARD_LEASE_S,
  SHARD_GRACE_S,
  LOG_LEVEL,
  PREMIUM,
  VOTE_URL,
};

/** With INTERACTIONS=http another role answers; what Discord still sends by the gateway would be answered twice, or by nobody. */
async function leaveToHttp(): Promise<void> {
  metrics.interactions.inc({ outcome: 'ignored' });
}

/** One cluster: the shards that its supervisor names, and everything that arrives by them. */
export async function run(): Promise<void> {
  const config = readConfig(variables);
  const keys = readKeys(config.ENCRYPTION_KEY);
  const serving: { shards?: Shards; panels?: PanelCache } = {};
  const child = joinSupervisor({
    stats: () => serving.shards?.stats() ?? { wanted: child.shardIds.length, ready: 0 },
    onNotified(channel, payload) {
      if (channel === channels.shards) serving.shards?.look();
      if (channel === channels.panels) serving.panels?.drop(payload);
      if (channel === channels.places) void serving.shards?.placesChanged(payload); // answers its own errors
    },
    onMissed() {
      serving.shards?.look();
      serving.panels?.drop();
      void serving.shards?.placesChanged(); // answers its own errors
    },
  });
  const log = createLog({ role: 'shards', level: config.LOG_LEVEL }).child({ clusterId: child.id });
  const stop = createStop({ log, interrupted: 0 });
  const db = await openPostgres({ url: config.DATABASE_URL, name: 'shards', log, stop });
  const clickhouse = openClickhouse({ url: config.CLICKHOUSE_URL, stop });
  const { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl } = config;
  const discord = await openDiscord({ token, apiUrl, db, log, signal: stop.signal });
  const ctx: Ctx = { db, log, now, keys, premium: config.PREMIUM };
  const panels = createPanelCache(db);
  serving.panels = panels;
  const dispatch = createDispatch({
    ctx,
    panels,
    rest: discord.callbackRest,
    botRest: discord.rest,
    creationRest: discord.creationRest,
    authorizeUrl: discord.addresses.oauthAuthorize,
    clickhouse,
    applicationId: discord.application.id,
    botUserId: discord.application.botUserId,
    publicUrl: publicUrlOf(config),
    voteUrl: config.VOTE_URL ?? null,
    log,
  });
  const shards = await startShards({
    ctx,
    rest: discord.restFor('gap-fill'),
    token,
    application: discord.application,
    shardIds: child.shardIds,
    shardCount: child.shardCount,
    room: config.SHARDS_PER_CLUSTER,
    leaseMs: config.SHARD_LEASE_S * 1_000,
    graceMs: config.SHARD_GRACE_S * 1_000,
    cluster: `${config.POD_NAME}/${child.id}`,
    onInteraction: config.INTERACTIONS === 'http' ? leaveToHttp : dispatch,
    record: (changes) => recordChanges(ctx, changes),
    onFatal: (err) => {
      log.fatal({ err }, 'this bot cannot be served as it is configured');
      void stop.now(2); // ends the process; 2 tells the supervisor that starting again changes nothing
    },
  });
  serving.shards = shards;
  stop.add('shards', () => shards.stop());
}
