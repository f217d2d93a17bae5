import type { REST } from '@discordjs/rest';
import { type ClickHouse, createClickhouse } from '#analytics/clickhouse/client.ts';
import { type Addresses, addressesOf } from '#discord/addresses.ts';
import { type Application, readApplication } from '#discord/application.ts';
import { createLimiter, type Priority } from '#discord/limits.ts';
import { createCallbackRest, createPlainRest, createRest } from '#discord/rest.ts';
import { ConfigError } from '#runtime/config.ts';
import { createHealth, type Health } from '#runtime/health.ts';
import type { Log } from '#runtime/log.ts';
import { createPool, type Db, type Pool, sql } from '#runtime/postgres.ts';
import { retry } from '#runtime/retry.ts';
import type { Stop } from '#runtime/stop.ts';
import { createKeyring, type Keyring } from '#tickets/crypto.ts';
import { noteGlobalLimit, noteInvalidRequest, readBreakers, takeRestLease } from '#tickets/store/fleet/rest-lease.ts';
import { schemaIsCurrent } from '#tickets/store/migrate.ts';

// What roles are composed of. Each function opens one part and hands its closing to `stop`.

/** Opens the pool and waits up to a minute for the schema of this version, which `migrate` may be making at this moment. */
export async function openPostgres(o: {
  url: string;
  name: string;
  max?: number;
  log: Log;
  stop: Stop;
}): Promise<Pool> {
  const pool = createPool(o);
  o.stop.add('postgres', () => pool.end());
  await retry({ attempts: 60, minMs: 250, maxMs: 1_000, signal: o.stop.signal }, async () => {
    if (!(await schemaIsCurrent(pool)))
      throw new Error('The database is not at this version. Run: npm run -s docket -- migrate');
  });
  return pool;
}

/** Opens a client for an address whose path names the database. */
export function clickhouseAt(address: string): ClickHouse {
  const url = new URL(address);
  const database = url.pathname.slice(1) || 'docket';
  url.pathname = '/';
  return createClickhouse({ url: url.href, database });
}

/** As clickhouseAt, closed by `stop`. */
export function openClickhouse(o: { url: string; stop: Stop }): ClickHouse {
  const clickhouse = clickhouseAt(o.url);
  o.stop.add('clickhouse', () => clickhouse.close());
  return clickhouse;
}

/** The keys of ENCRYPTION_KEY. Throws ConfigError when one is malformed. */
export function readKeys(list: string): Keyring {
  try {
    return createKeyring(list);
  } catch (error) {
    throw new ConfigError([`ENCRYPTION_KEY: ${(error as Error).message}. Make a key with: openssl rand -base64 32`]);
  }
}

/** A Discord and the bot's place in it. */
export type Discord = {
  readonly addresses: Addresses;
  readonly application: Application;
  /** With the bot's token, on the limit that all processes share. */
  readonly rest: REST;
  /** The same without retries: a creation whose answer was lost must be looked for, not repeated. */
  readonly creationRest: REST;
  /** The same, giving way to what people wait for. */
  restFor(priority: Priority): REST;
  /** For interactions: never waits. */
  readonly callbackRest: REST;
};

/** Asks Discord who the bot is, for up to a minute. Throws ConfigError when the token is refused. */
export async function askApplication(o: {
  token: string;
  apiUrl: string;
  signal?: AbortSignal;
  attempts?: number;
}): Promise<Application> {
  const isRefused = (error: unknown): boolean => (error as { status?: number }).status === 401;
  const rest = createPlainRest({ token: o.token, apiUrl: addressesOf(o.apiUrl).api });
  try {
    return await retry(
      {
        attempts: o.attempts ?? 30,
        minMs: 200,
        maxMs: 2_000,
        when: (error) => !isRefused(error),
        ...(o.signal ? { signal: o.signal } : {}),
      },
      () => readApplication(rest),
    );
  } catch (error) {
    if (!isRefused(error)) throw error;
    const fix = 'Copy the current one from https://discord.com/developers/applications, page Bot.';
    throw new ConfigError([`DISCORD_TOKEN was refused by ${new URL(o.apiUrl).host}. ${fix}`]);
  }
}

/** Opens Discord for one process. */
export async function openDiscord(o: {
  token: string;
  apiUrl: string;
  db: Db;
  log: Log;
  signal?: AbortSignal;
}): Promise<Discord> {
  const addresses = addressesOf(o.apiUrl);
  const application = await askApplication(o);
  const botId = application.botUserId;
  const limiter = createLimiter({
    shared: {
      take: (request) => takeRestLease(o.db, { botId, ...request }),
      noteInvalid: () => noteInvalidRequest(o.db, botId),
      noteGlobal: (forMs) => noteGlobalLimit(o.db, { botId, forMs }),
    },
    log: o.log,
  });
  const restFor = (priority: Priority): REST =>
    createRest({ token: o.token, apiUrl: addresses.api, limiter, log: o.log, priority });
  const creationRest = restFor('tickets');
  creationRest.options.retries = 0;
  return {
    addresses,
    application,
    creationRest,
    rest: restFor('tickets'),
    restFor,
    callbackRest: createCallbackRest({ apiUrl: addresses.api, limiter }),
  };
}

/** Serves /livez, /readyz and /metrics; ready while the databases answer. */
export async function openHealth(o: {
  port: number;
  log: Log;
  stop: Stop;
  db?: Db;
  clickhouse?: ClickHouse;
  metricsText?: () => Promise<string>;
}): Promise<Health & { port: number }> {
  const { db, clickhouse } = o;
  const health = createHealth({ log: o.log, ...(o.metricsText ? { metricsText: o.metricsText } : {}) });
  if (db) health.check('postgres', async () => void (await db.query(sql`select 1`)));
  if (clickhouse) {
    health.check('clickhouse', async () => {
      const answer = await clickhouse.ping();
      if (!answer.success) throw answer.error;
    });
  }
  const { port } = await listening('HEALTH_PORT', o.port, () => health.listen(o.port));
  o.stop.add('health', () => health.close());
  o.log.info({ healthPort: port }, 'health served');
  return { ...health, port };
}

/** A condition of readiness for whoever can do nothing without Discord: the breaker is closed. */
export async function checkBreaker(db: Db, botId: string): Promise<void> {
  const [breaker] = await readBreakers(db, { botId });
  if (!breaker || breaker.openForMs === 0) return;
  const { openForMs, invalidCount } = breaker;
  throw new Error(
    `Discord is asked nothing for ${Math.ceil(openForMs / 1_000)} s: it refused ${invalidCount} requests in 10 minutes`,
  );
}

/** Turns "address in use" into a sentence that says what to do. */
export async function listening<T>(variable: string, port: number, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new ConfigError([portTaken(variable, port)]);
  }
}

/** Says that a port is taken, and how to go on. */
export function portTaken(variable: string, port: number): string {
  const fix = `End that program, or choose another port: ${variable}=${port + 10} (0 takes a free one).`;
  return `${variable}: another program listens on port ${port}. ${fix}`;
}
