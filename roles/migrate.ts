import { migrateClickhouse } from '#analytics/clickhouse/migrate.ts';
import { readConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { migrate } from '#tickets/store/migrate.ts';
import { openClickhouse } from './parts.ts';
import { readPlaces } from './places.ts';
import { LOG_LEVEL } from './variables.ts';

/** Brings Postgres and ClickHouse to this version's schema; safe to run beside itself and beside a running Docket. */
export async function run(): Promise<void> {
  const { databaseUrl, clickhouseUrl } = readPlaces(['databaseUrl', 'clickhouseUrl']);
  const log = createLog({ role: 'migrate', level: readConfig({ LOG_LEVEL }).LOG_LEVEL });
  const stop = createStop({ log, interrupted: 1 });
  await migrate({ url: databaseUrl, log });
  await migrateClickhouse(openClickhouse({ url: clickhouseUrl, stop }));
  printLine('Both databases are at this version.');
  await stop.now(0);
}
