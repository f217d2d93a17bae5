import { parseArgs } from 'node:util';
import type { ClickHouse } from '#analytics/clickhouse/client.ts';
import { createIngest } from '#analytics/ingest/ingest.ts';
import { watchOutbox } from '#analytics/log/depth.ts';
import { startDrain } from '#analytics/log/drain.ts';
import { startKafkaLog } from '#analytics/log/kafka-log.ts';
import { ConfigError, readConfig } from '#runtime/config.ts';
import { createLog, type Log } from '#runtime/log.ts';
import type { Pool } from '#runtime/postgres.ts';
import { createStop, type Stop } from '#runtime/stop.ts';
import { type KafkaChoice, kafkaOf } from './kafka.ts';
import { openClickhouse, openHealth, openPostgres } from './parts.ts';
import {
  CLICKHOUSE_URL,
  DATABASE_URL,
  HEALTH_PORT,
  kafka as kafkaVariables,
  LOG_LEVEL,
  optional,
} from './variables.ts';

/** What this role reads from its environment; one that only drains has no use for ClickHouse. */
export const variables = { DATABASE_URL, CLICKHOUSE_URL, HEALTH_PORT, LOG_LEVEL, ...kafkaVariables };

/** Throws with the reason while events do not get through. */
type Check = () => void;

/**
 * Carries what leaves Postgres into ClickHouse until `stop`, through Kafka when there is one. Then it may be one half of the way: without
 * `clickhouse` the outbox to Kafka, with `isDraining: false` Kafka to ClickHouse. A topic that is not as configured ends the process with 2.
 */
export function startAnalytics(o: {
  databaseUrl: string;
  pool: Pool;
  clickhouse?: ClickHouse | undefined;
  isDraining?: boolean;
  kafka: KafkaChoice | null;
  log: Log;
  stop: Stop;
}): Check {
  const { clickhouse, pool, log, stop } = o;
  const ingest = clickhouse && createIngest({ clickhouse, pool, log });
  if (o.isDraining !== false) {
    const watch = watchOutbox({ db: pool, log });
    stop.add('outbox watch', () => watch.stop());
  }
  if (!o.kafka) {
    if (!ingest) throw new Error('without Kafka there are no halves');
    const drain = startDrain({ url: o.databaseUrl, handler: ingest, log });
    stop.add('analytics', () => drain.stop());
    return () => undefined;
  }
  const carrying = startKafkaLog({
    ...o.kafka,
    log,
    ...(o.isDraining !== false && { drain: { url: o.databaseUrl } }),
    ...(ingest && { ingest }),
    onRefused: ({ message }) => {
      process.stderr.write(`- ${message}\n`);
      void stop.now(2); // ends the process
    },
  });
  stop.add('analytics', () => carrying.stop());
  return () => carrying.check();
}

const usage = 'Usage: npm run -s docket -- analytics [--drain | --ingest]';

/** Which halves are wanted: none named means both. */
function readHalves(args: readonly string[]): { drain: boolean; ingest: boolean } {
  const options = { drain: { type: 'boolean' }, ingest: { type: 'boolean' } } as const;
  try {
    const { drain = false, ingest = false } = parseArgs({ args: [...args], options }).values;
    return drain === ingest ? { drain: true, ingest: true } : { drain, ingest };
  } catch (error) {
    throw new ConfigError([`${(error as Error).message}. ${usage}`]);
  }
}

/** Carries events from the outbox into ClickHouse; with Kafka in between it may be one half of the way. */
export async function run(args: readonly string[]): Promise<void> {
  const halves = readHalves(args);
  const isOneHalf = !(halves.drain && halves.ingest);
  const config = readConfig({
    ...variables,
    CLICKHOUSE_URL: halves.ingest ? CLICKHOUSE_URL : optional.CLICKHOUSE_URL,
  });
  const kafka = kafkaOf(config);
  if (!kafka && isOneHalf) {
    throw new ConfigError([`KAFKA_BROKERS is not set: without Kafka there are no halves. ${usage}`]);
  }
  const { DATABASE_URL: databaseUrl, CLICKHOUSE_URL: clickhouseUrl } = config;
  const log = createLog({ role: 'analytics', level: config.LOG_LEVEL });
  const stop = createStop({ log, interrupted: 0 });
  const pool = await openPostgres({ url: databaseUrl, name: 'analytics', log, stop });
  const clickhouse = halves.ingest && clickhouseUrl ? openClickhouse({ url: clickhouseUrl, stop }) : undefined;
  const port = config.HEALTH_PORT;
  const health = await openHealth({ port, log, stop, db: pool, ...(clickhouse && { clickhouse }) });
  const check = startAnalytics({ databaseUrl, pool, clickhouse, isDraining: halves.drain, kafka, log, stop });
  if (kafka) health.check('kafka', async () => check());
}
