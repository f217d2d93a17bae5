import { createKafka } from '#analytics/log/kafka.ts';
import { verify } from '#analytics/rebuild/verify.ts';
import { readConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { createStop } from '#runtime/stop.ts';
import { openClickhouse, openPostgres } from './parts.ts';
import { readPlaces } from './places.ts';
import { LOG_LEVEL } from './variables.ts';

/** Compares ClickHouse with one moment of Postgres and prints one line of JSON: counts and differences. Exit code 1 on any difference. */
export async function run(): Promise<void> {
  const { databaseUrl, clickhouseUrl, kafka } = readPlaces(['databaseUrl', 'clickhouseUrl', 'kafka']);
  const log = createLog({ role: 'verify', level: readConfig({ LOG_LEVEL }).LOG_LEVEL });
  const stop = createStop({ log, interrupted: 1 });
  const pool = await openPostgres({ url: databaseUrl, name: 'verify', max: 3, log, stop });
  const clickhouse = openClickhouse({ url: clickhouseUrl, stop });
  const topic = kafka && { kafka: createKafka(kafka.place, log), name: kafka.place.topic };
  const verdict = await verify({ pool, clickhouse, log, signal: stop.signal, ...(topic && { topic }) });
  printLine(JSON.stringify(verdict));
  await stop.now(verdict.differences === 0 ? 0 : 1);
}
