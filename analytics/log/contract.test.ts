import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { until } from '#test/harness/desk.ts';
import { givenBrokers, skipWithoutKafka, startKafka, type TestBroker } from '#test/harness/kafka.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { event } from '#test/harness/rows.ts';
import { appendOutbox, outboxDepth } from '#tickets/store/fleet/outbox.ts';
import { readRows } from '../clickhouse/client.ts';
import type { Incoming } from '../ingest/encode.ts';
import { createIngest, type Ingest } from '../ingest/ingest.ts';
import { verify } from '../rebuild/verify.ts';
import { startDrain } from './drain.ts';
import { createKafka, groupOf, type KafkaPlace } from './kafka.ts';
import { type KafkaLog, startKafkaLog } from './kafka-log.ts';
import { readProgress } from './progress.ts';
import { readTopic, type TopicRefused, type TopicSettings, withAdmin } from './topic.ts';

const { pool, url } = await testDatabase({ max: 20 });
const { client: clickhouse } = await testClickhouse();
const log = createLog({ role: 'test', level: 'silent' });
const isSkipped = await skipWithoutKafka('analytics/log/contract.test.ts');
const guildId = '111111111111111111';
const settings: TopicSettings = { partitions: 6, retentionMs: 3_600_000 };

let broker: TestBroker | undefined;
const brokers = (): string[] => (givenBrokers ?? broker?.brokers ?? '').split(',');
/** A topic, and so a group, of a test's own. */
const place = (): KafkaPlace => ({
  brokers: brokers(),
  clientId: 'test',
  topic: `test.${randomBytes(6).toString('hex')}`,
  tls: false,
});

beforeAll(async () => {
  if (!isSkipped && givenBrokers === undefined) broker = await startKafka();
}, 120_000);
afterAll(() => broker?.stop());

// A test that failed must not leave a drain that takes the rows of the next.
const started: Log[] = [];
const keep = <T extends Log>(one: T): T => {
  started.push(one);
  return one;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop()));
  await pool.query(sql`delete from outbox`);
});

type Log = { check(): void; stop(): Promise<void> };
/** A way from the outbox to the ingest: `start` may be called several times, each is a process of its own. */
type Way = { readonly start: (ingest: Ingest) => Log };

const embedded = (): Way => ({
  start: (ingest) =>
    keep({ check: () => undefined, ...startDrain({ url, log, handler: ingest, batch: 50, intervalMs: 0 }) }),
});
const kafka = (at = place()): Way => ({
  start: (ingest) =>
    keep(
      startKafkaLog({
        place: at,
        settings,
        log,
        drain: { url, batch: 50, intervalMs: 0 },
        ingest,
        onRefused: (refused) => expect.unreachable(refused.message),
      }),
    ),
});

/** Takes rows as ClickHouse would and remembers them by ticket, in the order in which they came. */
function collector() {
  const byTicket = new Map<number, number[]>();
  const take = (rows: readonly Incoming[]): void => {
    for (const one of rows) {
      const row = one.row as { ticket: number; n: number };
      byTicket.set(row.ticket, [...(byTicket.get(row.ticket) ?? []), row.n]);
    }
  };
  const ingest: Ingest = async (rows) => take(rows);
  return {
    byTicket,
    take,
    ingest,
    seen: () => new Set([...byTicket].flatMap(([t, ns]) => ns.map((n) => `${t}/${n}`))),
  };
}
type Collector = ReturnType<typeof collector>;

/** Rows 0 to `count` - 1 of each ticket, each in a transaction of its own, all tickets at once. */
const append = (tickets: readonly number[], count: number, from = 0): Promise<unknown> =>
  Promise.all(
    tickets.map(async (ticketId) => {
      for (let n = from; n < from + count; n += 1) {
        await appendOutbox(pool, [{ kind: 'event', guildId, ticketId, row: { ticket: ticketId, n } }]);
      }
    }),
  );
const appendEvents = (rows: readonly { row: { ticket_id: number | string } }[]): Promise<void> =>
  appendOutbox(
    pool,
    rows.map(({ row }) => ({ kind: 'event', guildId, ticketId: Number(row.ticket_id), row })),
  );

const eight = [1, 2, 3, 4, 5, 6, 7, 8];
const untilSeen = (seen: () => ReadonlySet<string>, count: number): Promise<unknown> =>
  until(
    async () => seen().size,
    (size) => size >= count,
    60_000,
  );
const untilEmpty = (): Promise<unknown> =>
  until(
    () => outboxDepth(pool),
    (depth) => depth === 0,
    60_000,
  );
/** What came first of each row came in the order of its ticket; repetitions do not count. */
function expectOrder({ byTicket }: Collector, count: number): void {
  for (const ns of byTicket.values()) expect([...new Set(ns)]).toEqual(Array.from({ length: count }, (_, n) => n));
}
const isHealthy = (one: Log): Promise<unknown> =>
  until(
    async () => {
      try {
        one.check();
        return 'healthy';
      } catch (error) {
        return (error as Error).message;
      }
    },
    (answer) => answer === 'healthy',
    60_000,
  );
const complaint = (one: Log): Promise<string> =>
  until(
    async () => {
      try {
        one.check();
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    },
    (answer) => answer !== '',
    60_000,
  );

const ways = [
  { name: 'embedded', way: embedded, isOff: false },
  { name: 'Kafka', way: () => kafka(), isOff: isSkipped },
];

describe.each(ways)('the log, $name', ({ name, way, isOff }) => {
  const it = test.skipIf(isOff);

  it('carries every committed row once the outbox had it, those of a ticket in order', async () => {
    const { start } = way();
    const seen = collector();
    const one = start(seen.ingest);
    await append(eight, 40);
    await untilSeen(seen.seen, 320);
    await untilEmpty();
    await one.stop();
    expect(seen.seen().size).toBe(320);
    expectOrder(seen, 40);
  }, 90_000);

  it('brings rows again that could not be taken, still in order', async () => {
    const { start } = way();
    const seen = collector();
    let calls = 0;
    const one = start(async (rows) => {
      calls += 1;
      if (calls <= 2) throw new Error('not now');
      seen.take(rows);
    });
    await append(eight, 30);
    await untilSeen(seen.seen, 240);
    await untilEmpty();
    await one.stop();
    expect(calls).toBeGreaterThan(2);
    expectOrder(seen, 30);
  }, 90_000);

  it('changes no figure by bringing rows again', async () => {
    const { start } = way();
    const real = createIngest({ clickhouse, pool, log });
    const first = 10_000 + (name === 'Kafka' ? 1_000 : 0);
    let failures = 3;
    let stored = 0;
    const one = start(async (rows, signal) => {
      await real(rows, signal);
      failures -= 1;
      if (failures >= 0) throw new Error('stored, but nobody heard it');
      stored += rows.length;
    });
    await appendEvents(Array.from({ length: 120 }, (_, n) => event(first + n)));
    await until(
      async () => stored,
      (n) => n >= 120,
      60_000,
    );
    await one.stop();
    const query = `SELECT count() AS rows FROM event FINAL WHERE ticket_id BETWEEN ${first} AND ${first + 119}`;
    expect(await readRows(clickhouse, query)).toEqual([{ rows: '120' }]);
  }, 90_000);

  it('buries what ClickHouse cannot have and goes on', async () => {
    const { start } = way();
    const one = start(createIngest({ clickhouse, pool, log }));
    const id = 20_000 + (name === 'Kafka' ? 1_000 : 0);
    await appendEvents([event(id), event(id + 1, { rating: 300 }), event(id + 2)]);
    const stored = `SELECT ticket_id FROM event FINAL WHERE ticket_id BETWEEN ${id} AND ${id + 2} ORDER BY ticket_id`;
    await until(
      () => readRows(clickhouse, stored),
      (rows) => rows.length === 2,
    );
    await until(
      () =>
        readRows<{ reason: string }>(clickhouse, `SELECT reason FROM dead_letter WHERE position(row, '${id + 1}') > 0`),
      (rows) => rows.length > 0 && rows.every(({ reason }) => reason === 'rating: not 300'),
    );
    await untilEmpty();
    await one.stop();
  }, 90_000);

  it('stops in the middle of a batch, and the next start goes on', async () => {
    const { start } = way();
    const seen = collector();
    const stuck = Promise.withResolvers<void>();
    let isOpen = true;
    const one = start(async (rows, signal) => {
      if (isOpen) return seen.take(rows);
      stuck.resolve();
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    await append(eight, 10);
    await untilSeen(seen.seen, 80);
    isOpen = false;
    await append(eight, 40, 10);
    await stuck.promise;
    await one.stop();
    expect(seen.seen().size).toBe(80);
    const two = start(seen.ingest);
    await untilSeen(seen.seen, 400);
    await two.stop();
    expectOrder(seen, 50);
  }, 90_000);

  it('is carried by several, and by the others when one stops', async () => {
    const { start } = way();
    const seen = collector();
    const [one, two] = [start(seen.ingest), start(seen.ingest)];
    await append(eight, 20);
    await untilSeen(seen.seen, 160);
    const appending = append(eight, 40, 20);
    await one.stop();
    const three = start(seen.ingest);
    await appending;
    await untilSeen(seen.seen, 480);
    await untilEmpty();
    await Promise.all([two.stop(), three.stop()]);
    expect(seen.seen().size).toBe(480);
  }, 90_000);
});

describe.skipIf(isSkipped)('the log, Kafka alone', () => {
  test('shares its partitions among readers and deals them anew, losing nothing', async () => {
    const at = place();
    const [a, b] = [collector(), collector()];
    const both = (): Set<string> => new Set([...a.seen(), ...b.seen()]);
    const one = kafka(at).start(a.ingest);
    await append(eight, 10);
    await untilSeen(both, 80);
    const two = kafka(at).start(b.ingest);
    let next = 10;
    // Goes on until the second has partitions of its own.
    await until(
      async () => {
        await append(eight, 1, next);
        next += 1;
        return b.seen().size;
      },
      (size) => size > 0,
      60_000,
    );
    await append(eight, 20, next);
    await untilSeen(both, 8 * (next + 20));
    expect(a.seen().size).toBeGreaterThan(80);
    await one.stop();
    await append(eight, 20, next + 20);
    await untilSeen(both, 8 * (next + 40));
    await two.stop();
  }, 120_000);

  test('buries a message that cannot be read', async () => {
    const at = place();
    const one = kafka(at).start(createIngest({ clickhouse, pool, log }));
    await isHealthy(one);
    const producer = createKafka(at, log).producer();
    await producer.connect();
    await producer.send({ topic: at.topic, messages: [{ key: '1', value: 'no JSON, and 77' }, { value: null }] });
    await producer.disconnect();
    await appendEvents([event(30_000)]);
    await until(
      () => readRows(clickhouse, 'SELECT 1 FROM event FINAL WHERE ticket_id = 30000'),
      (rows) => rows.length === 1,
    );
    const letters = await until(
      () => readRows(clickhouse, `SELECT reason, row FROM dead_letter WHERE kind = 'message' ORDER BY reason`),
      (rows) => rows.length >= 2,
    );
    expect(letters).toEqual([
      { reason: 'message: has no value', row: '' },
      { reason: 'message: not JSON', row: 'no JSON, and 77' },
    ]);
    await one.stop();
  }, 60_000);

  test('tells how far the reader has come, and what was deleted before it was read', async () => {
    const at = place();
    const admin = createKafka(at, log);
    const progress = () => withAdmin(admin, (open) => readProgress(open, at.topic));
    const seen = collector();
    const one = kafka(at).start(seen.ingest);
    await append(eight, 5);
    await untilSeen(seen.seen, 40);
    await until(progress, ({ behind }) => behind === 0);
    await one.stop();

    const onlyDrain = startKafkaLog({ place: at, settings, log, drain: { url }, onRefused: () => undefined });
    await append(eight, 5, 5);
    await untilEmpty();
    await onlyDrain.stop();
    const behind = await progress();
    expect(behind).toMatchObject({ behind: 40, expired: 0 });
    expect([...behind.ends.values()].reduce((sum, end) => sum + end, 0n)).toBe(80n);

    await withAdmin(admin, async (open) => {
      const partitions = [...behind.ends].map(([partition, end]) => ({ partition, offset: String(end) }));
      await open.fetchTopicOffsets(at.topic); // TRICKY: kafkajs looks for the leaders only among topics that it has met
      await open.deleteTopicRecords({ topic: at.topic, partitions });
    });
    expect(await progress()).toMatchObject({ behind: 0, expired: 40 });
  }, 90_000);

  test('keeps verify waiting until what it holds is read', async () => {
    const at = place();
    const onlyDrain = keep(startKafkaLog({ place: at, settings, log, drain: { url }, onRefused: () => undefined }));
    await append(eight, 5);
    await untilEmpty();
    const topic = { kafka: createKafka(at, log), name: at.topic };
    const nobodys = { guildId: '999999999999999999' }; // rows of other tests are no matter here
    const check = (deadlineMs: number) => verify({ pool, clickhouse, log, topic }, { ...nobodys, deadlineMs });
    expect((await check(0)).listed).toEqual([{ what: 'undrained', key: '40 messages in Kafka' }]);
    const waiting = check(60_000);
    const seen = collector();
    const onlyIngest = keep(
      startKafkaLog({ place: at, settings, log, ingest: seen.ingest, onRefused: () => undefined }),
    );
    expect(await waiting).toMatchObject({ differences: 0, listed: [] });
    expect(seen.seen().size).toBe(40);
    await Promise.all([onlyDrain.stop(), onlyIngest.stop()]);
  }, 90_000);

  test('makes the topic as it is declared, and refuses one with other partitions', async () => {
    const at = place();
    const refusal = (wanted: TopicSettings): Promise<TopicRefused> =>
      new Promise((resolve) => {
        const one: KafkaLog = startKafkaLog({
          place: at,
          settings: wanted,
          log,
          drain: { url, intervalMs: 0 },
          onRefused: (refused) => {
            expect(() => one.check()).toThrow(refused.message);
            void one.stop().then(() => resolve(refused));
          },
        });
      });
    const one = kafka(at).start(async () => undefined);
    await isHealthy(one);
    await one.stop();
    expect(await withAdmin(createKafka(at, log), (admin) => readTopic(admin, at.topic))).toEqual({
      partitions: 6,
      replicationFactor: 1,
      minInsyncReplicas: 1,
      retentionMs: 3_600_000,
      compression: 'producer',
    });
    await append([1], 1);
    expect((await refusal({ ...settings, partitions: 12 })).message).toMatch(
      /KAFKA_PARTITIONS is 12, .* has 6 partitions.* Set KAFKA_PARTITIONS=6 .* --alter --topic \S+ --partitions 12/,
    );
    expect((await refusal({ ...settings, partitions: 3 })).message).toMatch(/never taken away/);
    expect(await outboxDepth(pool)).toBe(1);
  }, 60_000);

  test('goes on while partitions are added, with tickets that move among them', async () => {
    const at = place();
    const seen = collector();
    const before = kafka(at).start(seen.ingest);
    await append(eight, 10);
    await untilSeen(seen.seen, 80);
    await withAdmin(createKafka(at, log), (admin) =>
      admin.createPartitions({ topicPartitions: [{ topic: at.topic, count: 15 }] }),
    );
    await append(eight, 10, 10);
    await untilSeen(seen.seen, 160);
    const after = keep(
      startKafkaLog({
        place: at,
        settings: { ...settings, partitions: 15 },
        log,
        drain: { url, batch: 50, intervalMs: 0 },
        ingest: seen.ingest,
        onRefused: (refused) => expect.unreachable(refused.message),
      }),
    );
    await isHealthy(after);
    await before.stop();
    await append(eight, 20, 20);
    await untilSeen(seen.seen, 320);
    const { ends, behind } = await until(
      () => withAdmin(createKafka(at, log), (admin) => readProgress(admin, at.topic)),
      (one) => one.behind === 0,
    );
    expect(behind).toBe(0);
    expect([...ends].some(([partition, end]) => partition >= 6 && end > 0n)).toBe(true);
    await after.stop();
  }, 90_000);

  test.skipIf(givenBrokers !== undefined)(
    'signs in over TLS, and says so when it may not',
    async () => {
      const { caFile, ...secure } = broker?.secure ?? { caFile: '', brokers: '', username: '', password: '' };
      const safe = {
        ...place(),
        brokers: [secure.brokers],
        tls: true,
        ca: await readFile(caFile, 'utf8'),
        sasl: { mechanism: 'plain', username: secure.username, password: secure.password } as const,
      };
      const seen = collector();
      const one = kafka(safe).start(seen.ingest);
      await append(eight, 5);
      await untilSeen(seen.seen, 40);
      await one.stop();
      const stranger = kafka({ ...safe, sasl: { ...safe.sasl, password: 'guessed' } }).start(seen.ingest);
      const words = until(
        () => complaint(stranger),
        (told) => /authentication failed/i.test(told),
      );
      expect(await words).not.toContain('guessed');
      await stranger.stop();
      const { ca: _, ...trusting } = safe;
      const unsure = kafka(trusting).start(seen.ingest);
      await until(
        () => complaint(unsure),
        (told) => /self-signed/.test(told),
      );
      await unsure.stop();
    },
    90_000,
  );

  test.skipIf(givenBrokers !== undefined)(
    'loses nothing when the broker is killed and started again',
    async () => {
      const seen = collector();
      const one = kafka().start(seen.ingest);
      await append(eight, 10);
      await untilSeen(seen.seen, 80);
      let next = 10;
      const writeUntil = async (isOver: () => boolean): Promise<void> => {
        for (; !isOver(); next += 1) await append(eight, 1, next);
      };
      let isAway = false;
      const writing = writeUntil(() => isAway);
      await broker?.kill();
      expect(await complaint(one)).toMatch(/Kafka/);
      isAway = true;
      await writing;
      expect(await outboxDepth(pool)).toBeGreaterThan(0);
      await broker?.start();
      await untilSeen(seen.seen, 8 * next);
      await isHealthy(one);
      await untilEmpty();
      await one.stop();
      expect(seen.seen().size).toBe(8 * next);
      expectOrder(seen, next);
    },
    180_000,
  );

  test('starts without a broker and waits for one', async () => {
    const away = startKafkaLog({
      place: { ...place(), brokers: ['127.0.0.1:9'] },
      settings,
      log,
      drain: { url },
      ingest: async () => undefined,
      onRefused: () => undefined,
    });
    expect(await complaint(away)).toMatch(/^Kafka: /);
    await away.stop();
  }, 30_000);

  test('names its group after its topic', () => expect(groupOf('docket.events')).toBe('docket.events.ingest'));
});
