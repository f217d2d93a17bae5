import type { ClickHouse } from '#analytics/clickhouse/client.ts';
import { createIngest } from '#analytics/ingest/ingest.ts';
import { startDrain } from '#analytics/log/drain.ts';
import { readConfig } from '#runtime/config.ts';
import { createLog, type Log } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres.ts';
import { createStop, type Stop } from '#runtime/stop.ts';
import { openClickhouse, openHealth, openPostgres } from './parts.ts';
import { CLICKHOUSE_URL, DATABASE_URL, HEALTH_PORT, LOG_LEVEL } from './variables.ts';

/** Carries what leaves Postgres into ClickHouse until `stop`. */
export function startAnalytics(o: {
  databaseUrl: string;
  pool: Pool;
  clickhouse: ClickHouse;
  log: Log;
  stop: Stop;
}): void {
  const handler = createIngest({ clickhouse: o.clickhouse, pool: o.pool, log: o.log });
  const drain = startDrain({ url: o.databaseUrl, handler, log: o.log });
  o.stop.add('analytics', () => drain.stop());
}

/** Drains the outbox straight into ClickHouse. */
export async function run(): Promise<void> {
  const config = readConfig({ DATABASE_URL, CLICKHOUSE_URL, HEALTH_PORT, LOG_LEVEL });
  const log = createLog({ role: 'analytics', level: config.LOG_LEVEL });
  const stop = createStop({ log, interrupted: 0 });
  const pool = await openPostgres({ url: config.DATABASE_URL, name: 'analytics', log, stop });
  const clickhouse = openClickhouse({ url: config.CLICKHOUSE_URL, stop });
  await openHealth({ port: config.HEALTH_PORT, log, stop, db: pool, clickhouse });
  startAnalytics({ databaseUrl: config.DATABASE_URL, pool, clickhouse, log, stop });
}
