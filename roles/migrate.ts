import { parseArgs } from 'node:util';
import { clickhouseIsCurrent, migrateClickhouse } from '#analytics/clickhouse/migrate.ts';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { createLog, type Log } from '#runtime/log.ts';
import { createPool } from '#runtime/postgres.ts';
import { retry } from '#runtime/retry.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop, type Stop } from '#runtime/stop.ts';
import { migrate, schemaIsCurrent } from '#tickets/store/migrate.ts';
import { openClickhouse } from './parts.ts';
import { readPlaces } from './places.ts';
import { CLICKHOUSE_CLUSTER, DATABASE_URL, LOG_LEVEL, optional } from './variables.ts';

/** What this role reads from its environment, where the databases are besides. */
export const variables = { LOG_LEVEL, CLICKHOUSE_CLUSTER };

/** The seconds of --wait; null without it. Throws ConfigError when they are no such number. */
function readWaitS(args: readonly string[]): number | null {
  try {
    const { values } = parseArgs({ args: [...args], options: { wait: { type: 'string' } } });
    if (values.wait === undefined) return null;
    const waitS = Number(values.wait);
    if (!Number.isInteger(waitS) || waitS < 1) throw new Error(`--wait takes whole seconds, not "${values.wait}"`);
    return waitS;
  } catch (error) {
    throw new ConfigError([`${(error as Error).message}. Usage: npm run -s docket -- migrate [--wait SECONDS]`]);
  }
}

/**
 * Changes nothing, but ends only when another process has brought the databases to this version: what a pod does before its role
 * starts. Without CLICKHOUSE_URL it looks at Postgres alone, for a role that has no use for ClickHouse. Throws after `waitS`.
 */
async function waitForSchema(o: { waitS: number; log: Log; stop: Stop }): Promise<void> {
  const { log, stop } = o;
  const config = readConfig({ DATABASE_URL, CLICKHOUSE_URL: optional.CLICKHOUSE_URL });
  const pool = createPool({ url: config.DATABASE_URL, name: 'schema', max: 1, log });
  stop.add('postgres', () => pool.end());
  const clickhouse = config.CLICKHOUSE_URL ? openClickhouse({ url: config.CLICKHOUSE_URL, stop }) : null;
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(o.waitS * 1_000)]);
  let told = '';
  const onRetry = (error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason !== told) log.info({ reason }, 'the schema is not there yet');
    told = reason;
  };
  await retry({ attempts: Infinity, minMs: 250, maxMs: 2_000, signal, onRetry }, async () => {
    if (!(await schemaIsCurrent(pool))) throw new Error('Postgres is at an older version');
    if (clickhouse && !(await clickhouseIsCurrent(clickhouse))) throw new Error('ClickHouse is at an older version');
  }).catch((error: unknown) => {
    throw new Error(`The databases were not at this version within ${o.waitS} s: ${told}`, { cause: error });
  });
}

/**
 * Brings Postgres and ClickHouse to this version's schema; safe to run beside itself and beside a running Docket. With --wait it leaves
 * that to another and waits for it.
 */
export async function run(args: readonly string[]): Promise<void> {
  const waitS = readWaitS(args);
  const config = readConfig(variables);
  const log = createLog({ role: 'migrate', level: config.LOG_LEVEL });
  const stop = createStop({ log, interrupted: 1 });
  if (waitS === null) {
    const { databaseUrl, clickhouseUrl } = readPlaces(['databaseUrl', 'clickhouseUrl']);
    await migrate({ url: databaseUrl, log });
    await migrateClickhouse(openClickhouse({ url: clickhouseUrl, stop }), config.CLICKHOUSE_CLUSTER ?? null);
  } else await waitForSchema({ waitS, log, stop });
  printLine('Both databases are at this version.');
  await stop.now(0);
}
