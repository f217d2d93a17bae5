import type { ClickHouseClient } from '@clickhouse/client';
import { beforeAll, describe, expect, test } from 'vitest';
import { createIngest } from '#analytics/ingest/ingest.ts';
import { type Metric, type MetricName, type Metrics, metrics } from '#analytics/metrics/registry.ts';
import { readOverview } from '#analytics/query/overview.ts';
import { readUser } from '#analytics/query/user.ts';
import { createLog } from '#runtime/log.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { differences } from './compare.ts';
import { overviewOf, userOf } from './figures.ts';
import { type History, makeHistory, seeded } from './history.ts';
import { storeHistories } from './store.ts';
import { disturb, record } from './tell.ts';

const { client: clickhouse } = await testClickhouse();
const { pool: db } = await testDatabase();
const ingest = createIngest({ clickhouse, pool: db, log: createLog({ role: 'test', level: 'silent' }) });
const signal = new AbortController().signal;

const histories = Array.from({ length: 200 }, (_, i) => makeHistory(i));

/** All of a server's figures against the oracle's; people in turn, so that each kind of person comes up in many servers. */
async function disagreements(
  history: History,
  deps: { clickhouse: ClickHouseClient; metrics?: Metrics } = { clickhouse },
): Promise<string[]> {
  const { guildId, now, days } = history;
  const asked = { ...deps, db };
  const found = await readOverview(asked, guildId, { now, days });
  const wrong = differences(found, overviewOf(history), `${guildId} overview`);
  for (const role of ['staff', 'member'] as const) {
    const people = history.people.filter((person) => person.role === role);
    const id = people[history.tickets.length % people.length]?.id ?? '';
    const user = await readUser(asked, guildId, id, { now, days });
    wrong.push(...differences(user, userOf(history, id), `${guildId} user ${id}`));
  }
  return wrong;
}

async function allDisagreements(
  list: readonly History[],
  deps?: { clickhouse: ClickHouseClient; metrics?: Metrics },
): Promise<string[]> {
  const wrong: string[] = [];
  const waiting = [...list];
  const reader = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) wrong.push(...(await disagreements(next, deps)));
  };
  await Promise.all(Array.from({ length: 4 }, reader));
  return wrong;
}

describe('every figure agrees with plain arrays', () => {
  const stored = histories.map((history, i) => ({
    history,
    recorded: history.tickets.map((ticket) => record(history, ticket, i * 1_000 + ticket.id)),
  }));
  const rows = stored.flatMap(({ recorded }) => recorded.flatMap((one) => one.rows));

  beforeAll(async () => {
    // Parts that have not merged yet are what FINAL is for.
    for (const table of ['event', 'ticket']) await clickhouse.command({ query: `SYSTEM STOP MERGES ${table}` });
    await storeHistories(db, stored);
    const delivered = disturb(rows, 1);
    const size = Math.ceil(delivered.length / 4);
    for (let at = 0; at < delivered.length; at += size) await ingest(delivered.slice(at, at + size), signal);
  });

  test('over 200 histories whose rows came twice and in no order', async () => {
    expect(await allDisagreements(histories)).toEqual([]);
  }, 240_000);

  test('and again after a stretch of the log was replayed', async () => {
    const start = Math.floor(rows.length / 3);
    await ingest(rows.slice(start, 2 * start), signal);
    expect(await allDisagreements(histories.slice(0, 40))).toEqual([]);
  }, 60_000);

  test('the histories hold the cases that figures go wrong at', () => {
    const tickets = histories.flatMap((history) => history.tickets.map((ticket) => ({ history, ticket })));
    const count = (is: (one: (typeof tickets)[number]) => boolean): number => tickets.filter(is).length;
    const names = (name: string) => (one: (typeof tickets)[number]) =>
      one.ticket.changes.filter((change) => change.name === name).length;
    expect(count((one) => names('reopened')(one) > 0)).toBeGreaterThan(30);
    expect(count((one) => names('rated')(one) > 1)).toBeGreaterThan(20);
    expect(count(({ history, ticket }) => ticket.openedAt === history.now - 7 * 86_400_000)).toBeGreaterThan(5);
    expect(count(({ ticket }) => ticket.messages.some(({ at }) => at % 86_400_000 === 86_399_999))).toBeGreaterThan(10);
    const isStaff = (history: History, id: string): boolean =>
      history.people.some((person) => person.id === id && person.role === 'staff');
    expect(count(({ history, ticket }) => isStaff(history, ticket.openerId))).toBeGreaterThan(100);
    expect(rows.length).toBeGreaterThan(
      stored.flatMap(({ recorded }) => recorded).flatMap((one) => one.entries).length,
    );
  });

  /** Wrong, but plausible: other values of the same rows. */
  const mistake = (metric: Exclude<Metric, { from: 'now' }>): string => {
    if (metric.value.startsWith('avg')) return metric.value.replace('avg', 'max');
    if (metric.value.startsWith('quantile')) return metric.value.replace(/\(0\.\d\)/, '(0.3)');
    return metric.value === 'count()' ? 'sum(version)' : 'count()';
  };
  const fromClickhouse = Object.entries(metrics).filter(([, metric]) => metric.from !== 'now') as [
    MetricName,
    Exclude<Metric, { from: 'now' }>,
  ][];

  test.each(fromClickhouse)('a mistake in %s is found', async (name, metric) => {
    const altered = { ...metrics, [name]: { ...metric, value: mistake(metric) } } as Metrics;
    expect(await firstDisagreement({ clickhouse, metrics: altered })).not.toBeNull();
  });

  test.each([
    ['claimedRatingMean', { person: 'actor_id' }],
    ['firstResponseMean', { at: 'opened_at' }],
    ['replies', { where: 'reply_no >= 0' }],
    ['ticketsOpened', { person: 'opened_by' }],
  ] as const)('a mistake in whose, when or which of %s is found', async (name, part) => {
    const altered = { ...metrics, [name]: { ...metrics[name], ...part } } as Metrics;
    expect(await firstDisagreement({ clickhouse, metrics: altered })).not.toBeNull();
  });

  const rewritten = (change: (query: string) => string): ClickHouseClient =>
    new Proxy(clickhouse, {
      get(target, key) {
        if (key !== 'query') return Reflect.get(target, key) as unknown;
        return (o: Parameters<ClickHouseClient['query']>[0]) => target.query({ ...o, query: change(o.query) });
      },
    });

  test.each([
    ['no FINAL', (query: string) => query.replace(' FINAL', '')],
    ['windows that hold their end', (query: string) => query.replaceAll('< fromUnix', '<= fromUnix')],
    ['windows without their beginning', (query: string) => query.replaceAll('>= fromUnix', '> fromUnix')],
  ])('a mistake in the statements is found: %s', async (_, change) => {
    expect(await firstDisagreement({ clickhouse: rewritten(change) })).not.toBeNull();
  });

  async function firstDisagreement(deps: { clickhouse: ClickHouseClient; metrics?: Metrics }): Promise<string | null> {
    for (const history of histories) {
      const [first] = await disagreements(history, deps);
      if (first !== undefined) return first;
    }
    return null;
  }
});

test('the source of chance is the same each time', () => {
  const [one, two] = [seeded(7), seeded(7)];
  expect(Array.from({ length: 5 }, one)).toEqual(Array.from({ length: 5 }, two));
});
