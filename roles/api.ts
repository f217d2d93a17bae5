import { fileURLToPath } from 'node:url';
import type { ClickHouse } from '#analytics/clickhouse/client.ts';
import type { ApiDeps } from '#api/app.ts';
import { createServer } from '#api/server.ts';
import { now } from '#runtime/clock.ts';
import { readConfig, text } from '#runtime/config.ts';
import { freePort } from '#runtime/embedded/ports.ts';
import { createLog, type Log } from '#runtime/log.ts';
import type { Objects } from '#runtime/objects/objects.ts';
import { openObjects } from '#runtime/objects/open.ts';
import type { Pool } from '#runtime/postgres.ts';
import { createStop, type Stop } from '#runtime/stop.ts';
import type { Keyring } from '#tickets/crypto.ts';
import type { PremiumMode } from '#tickets/entitlement.ts';
import { type Discord, listening, openClickhouse, openDiscord, openHealth, openPostgres, readKeys } from './parts.ts';
import {
  bot,
  DISCORD_CLIENT_SECRET,
  databases,
  ENCRYPTION_KEY,
  objectStore,
  observation,
  PORT,
  PREMIUM,
  publicAddress,
  publicUrlOf,
} from './variables.ts';

const HOST = text({ default: '0.0.0.0', doc: 'the address to listen on' });

/** What this role reads from its environment. */
export const variables = {
  ...databases,
  ...bot,
  ...publicAddress,
  ...observation,
  ...objectStore,
  ENCRYPTION_KEY,
  DISCORD_CLIENT_SECRET,
  PORT,
  HOST,
  PREMIUM,
};

/** Where the web app is built to. */
export const webDir = fileURLToPath(new URL('../dashboards/web/dist', import.meta.url));

/** Serves the API and the web app until `stop`. Port 0 takes a free one; returns the address for a browser on this machine. */
export async function startApi(o: {
  pool: Pool;
  clickhouse: ClickHouse;
  keys: Keyring;
  premium: PremiumMode;
  objects: Objects;
  discord: Discord;
  clientSecret: string | null;
  databaseUrl: string;
  publicUrl: string | null;
  host: string;
  port: number;
  /** Whom one may sign in as, where Discord is a local one. */
  people?: ApiDeps['people'];
  log: Log;
  stop: Stop;
}): Promise<string> {
  // Cookies and sign-in name the address, so the port must be known before the server is made.
  const port = o.port === 0 ? await freePort(o.host) : o.port;
  const local = `http://localhost:${port}`;
  const { pool, clickhouse, keys, premium, objects, databaseUrl, log } = o;
  const { addresses, application, rest } = o.discord;
  const server = await createServer({
    pool,
    clickhouse,
    keys,
    premium,
    objects,
    rest,
    databaseUrl,
    log,
    now,
    webDir,
    discord: { addresses, clientId: application.id, clientSecret: o.clientSecret },
    publicUrl: o.publicUrl ?? local,
    ...(o.people && { people: o.people }),
  });
  o.stop.add('api', () => server.close());
  await listening('PORT', port, () => server.listen({ port, host: o.host }));
  return local;
}

/** Serves the dashboard. */
export async function run(): Promise<void> {
  const config = readConfig(variables);
  const keys = readKeys(config.ENCRYPTION_KEY);
  const objects = openObjects(config);
  const log = createLog({ role: 'api', level: config.LOG_LEVEL });
  const stop = createStop({ log, interrupted: 0 });
  const pool = await openPostgres({ url: config.DATABASE_URL, name: 'api', log, stop });
  const clickhouse = openClickhouse({ url: config.CLICKHOUSE_URL, stop });
  const { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl } = config;
  const discord = await openDiscord({ token, apiUrl, db: pool, log, signal: stop.signal });
  await openHealth({ port: config.HEALTH_PORT, log, stop, db: pool, clickhouse });
  const web = await startApi({
    pool,
    clickhouse,
    keys,
    premium: config.PREMIUM,
    objects,
    discord,
    log,
    stop,
    clientSecret: config.DISCORD_CLIENT_SECRET ?? null,
    databaseUrl: config.DATABASE_URL,
    publicUrl: publicUrlOf(config),
    host: config.HOST,
    port: config.PORT,
  });
  log.info({ web }, 'api served');
}
