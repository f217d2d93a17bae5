import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRows } from '#analytics/clickhouse/client.ts';
import { freePort } from '#runtime/embedded/ports.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { until } from '#test/harness/desk.ts';
import { givenBrokers, skipWithoutKafka, startKafka, type TestBroker } from '#test/harness/kafka.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { type RunningRole, runRole, startRole } from '#test/harness/role.ts';
import { event } from '#test/harness/rows.ts';
import { appendOutbox, outboxDepth } from '#tickets/store/fleet/outbox.ts';

const { url: DATABASE_URL, pool } = await testDatabase();
const { url: clickhouseUrl, database, client } = await testClickhouse();
const CLICKHOUSE_URL = `${clickhouseUrl}/${database}`;
const isSkipped = await skipWithoutKafka('roles/analytics.test.ts');
const DATA_DIR = mkdtempSync(join(tmpdir(), 'docket-analytics-'));
const running: RunningRole[] = [];
let broker: TestBroker | undefined;

beforeAll(async () => {
  if (!isSkipped && givenBrokers === undefined) broker = await startKafka();
}, 120_000);
afterAll(async () => {
  await Promise.all(running.map((role) => role.end('SIGKILL')));
  await broker?.stop();
  rmSync(DATA_DIR, { recursive: true, force: true });
});

/** Starts the role and returns what its /readyz answers. */
async function start(args: string[], env: Record<string, string>) {
  const port = await freePort();
  const role = startRole(['analytics', ...args], { ...env, HEALTH_PORT: String(port) });
  running.push(role);
  const readiness = async (): Promise<{ ready: boolean; failures: Record<string, string> }> => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    return answer ? ((await answer.json()) as never) : { ready: false, failures: { http: 'not listening' } };
  };
  return { role, readiness };
}

test.each(['--drain', '--ingest'])('%s alone is refused without Kafka', async (flag) => {
  const { code, err } = await runRole(['analytics', flag], { DATABASE_URL, CLICKHOUSE_URL });
  expect(code).toBe(2);
  expect(err).toMatch(/^- KAFKA_BROKERS is not set: .*Usage/);
});

test('a flag that there is not is refused with those that there are', async () => {
  const { code, err } = await runRole(['analytics', '--both'], { DATABASE_URL, CLICKHOUSE_URL });
  expect(code).toBe(2);
  expect(err).toContain('analytics [--drain | --ingest]');
});

describe.skipIf(isSkipped)('through Kafka', () => {
  const KAFKA_TOPIC = `test.${randomBytes(6).toString('hex')}`;
  const env = () => ({
    DATABASE_URL,
    KAFKA_TOPIC,
    KAFKA_PARTITIONS: '3',
    KAFKA_BROKERS: givenBrokers ?? broker?.brokers ?? '',
  });
  const doctor = async (): Promise<string> =>
    (await runRole(['doctor'], { ...env(), CLICKHOUSE_URL, DATA_DIR, DISCORD_API_URL: 'http://127.0.0.1:9/api' })).out;
  const append = (ticketId: number) =>
    appendOutbox(pool, [{ ...event(ticketId), guildId: '111111111111111111', ticketId }]);

  test('each half runs by itself, and doctor sees what each does', async () => {
    expect(await doctor()).toMatch(/^note {3}Kafka: there is no topic \S+ yet\n +→ /m);
    await append(1);
    const drain = await start(['--drain'], env()); // it has no use for ClickHouse
    await until(
      () => outboxDepth(pool),
      (depth) => depth === 0,
    );
    expect(await doctor()).toMatch(/^note {3}Kafka: nobody reads \S+, 1 messages wait\n +→ /m);

    const ingest = await start(['--ingest'], { ...env(), CLICKHOUSE_URL });
    await until(
      () => readRows(client, 'SELECT ticket_id FROM event FINAL'),
      (rows) => rows.length === 1,
    );
    for (const half of [drain, ingest]) {
      await until(half.readiness, ({ ready }) => ready);
    }
    const told = await until(doctor, (out) => out.includes('0 messages behind'));
    expect(told).toMatch(/^ok {5}Kafka: the topic \S+, 3 partitions$/m);
    expect(told).toMatch(/^ok {5}Kafka: 1 readers, 0 messages behind$/m);

    await ingest.role.end('SIGTERM');
    await append(2);
    await until(
      () => outboxDepth(pool),
      (depth) => depth === 0,
    );
    expect((await drain.role.end('SIGTERM')).code).toBe(0);
  }, 90_000);

  test('another number of partitions ends the role with 2 and the fix', async () => {
    const { role } = await start([], { ...env(), CLICKHOUSE_URL, KAFKA_PARTITIONS: '4' });
    const { code, err } = await role.ended;
    expect(code).toBe(2);
    expect(err).toMatch(/^- KAFKA_PARTITIONS is 4, but the topic \S+ has 3 partitions\. Set KAFKA_PARTITIONS=3/m);
    const wrong = { ...env(), KAFKA_PARTITIONS: '4', CLICKHOUSE_URL, DATA_DIR };
    expect((await runRole(['doctor'], wrong)).out).toMatch(
      /^WRONG {2}Kafka: the topic \S+ has 3 partitions, not 4\n +→ /m,
    );
  }, 60_000);

  test('without a broker the role waits, is not ready, and ends in order', async () => {
    const { role, readiness } = await start([], { ...env(), CLICKHOUSE_URL, KAFKA_BROKERS: '127.0.0.1:9' });
    const { failures } = await until(readiness, (one) => /^Kafka: .*ECONNREFUSED/.test(one.failures['kafka'] ?? ''));
    expect(Object.keys(failures)).toEqual(['kafka']);
    expect((await role.end('SIGTERM')).code).toBe(0);
  }, 60_000);
});
