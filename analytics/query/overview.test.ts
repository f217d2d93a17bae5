import { describe, expect, test } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { appendOutbox } from '#tickets/store/fleet/outbox.ts';
import { metrics } from '../metrics/registry.ts';
import { compile } from './compile.ts';
import { readOverview } from './overview.ts';
import { readUser } from './user.ts';

const { client: clickhouse } = await testClickhouse();
const { pool: db } = await testDatabase();
const deps = { clickhouse, db };
const now = Date.UTC(2026, 1, 10, 14);
const guildId = '111111111111111111';

describe('a server without tickets', () => {
  test.each([7, 30, 90] as const)('has zeros and gaps of the right size for %i days', async (days) => {
    const overview = await readOverview(deps, guildId, { now, days });
    const none = { mean: null, median: null, p90: null, count: 0 };
    expect(overview).toMatchObject({
      tickets: { ever: 0, since: null, d7: 0 },
      status: { open: 0, closed: 0, oldestWaitingS: null, closureRate: null },
      firstResponse: { window: none, previous: none, allTime: none },
      rating: { mean: null, count: 0, stars: [0, 0, 0, 0, 0] },
      panels: [],
      peakHour: null,
      lag: { seconds: 0 },
    });
    expect(overview.firstResponse.trend).toEqual(Array.from({ length: days }, () => null));
    expect(overview.perDay).toHaveLength(days);
    expect(overview.perDay.at(-1)).toEqual({ at: '2026-02-10T00:00:00.000Z', opened: 0 });
    expect(overview.perDayPrevious).toHaveLength(days);
    expect(overview.lastFiveDays.map(({ at }) => at.slice(0, 10))).toEqual([
      '2026-02-10',
      '2026-02-09',
      '2026-02-08',
      '2026-02-07',
      '2026-02-06',
    ]);
    expect(overview.arrivals.map((hours) => hours.length)).toEqual([24, 24, 24, 24, 24, 24, 24]);
  });

  test('knows nobody', async () => {
    expect(await readUser(deps, guildId, '222222222222222222', { now, days: 30 })).toBeNull();
  });

  test('is as far behind as its rows in the outbox are old, whatever old message was just caught up with', async () => {
    const row = (at: number) => ({ kind: 'event' as const, guildId, ticketId: 1, row: { at } });
    await appendOutbox(db, [row(now - 9_000_000), row(now - 4_000)]);
    expect(await readOverview(deps, guildId, { now, days: 7 })).toMatchObject({ lag: { seconds: 4 } });
    expect(await readOverview(deps, '111111111111111112', { now, days: 7 })).toMatchObject({ lag: { seconds: 0 } });
  });
});

describe('statements', () => {
  const requests = {
    a: { metric: 'ticketsOpened', from: null, to: now },
    b: { metric: 'firstResponseP90', from: now - 1, to: now },
    c: { metric: 'ticketsAnswered', from: null, to: now },
    d: { metric: 'ticketsOpened', from: null, to: now, by: 'panel' },
  } as const;

  test('are as few as tables and dimensions allow', () => {
    expect(compile(metrics, { guildId }, requests)).toHaveLength(3);
  });

  test('hold values as parameters only, and nothing but key columns before FINAL', () => {
    for (const { query, parameters } of compile(metrics, { guildId, person: '222222222222222222' }, requests)) {
      expect(query).not.toMatch(/\d{6,}/);
      expect(parameters).toMatchObject({ guild: guildId, person: '222222222222222222' });
      const [, before] = / FINAL PREWHERE (.*)\n/.exec(query) ?? [];
      expect(['guild_id = {guild:UInt64}', 'guild_id = {guild:UInt64} AND name = {name:String}']).toContain(before);
    }
  });

  test('are not made for what is true now', () => {
    expect(() => compile(metrics, { guildId }, { a: { metric: 'openTickets', from: null, to: now } })).toThrow(
      'Postgres',
    );
  });
});
