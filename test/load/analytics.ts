import { metrics } from '#analytics/metrics/registry.ts';
import { readOverview } from '#analytics/query/overview.ts';
import { runRequests } from '#analytics/query/run.ts';
import { lastDays } from '#analytics/query/windows.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { type Bed, profile, quantile, snowflake, timed } from './bed.ts';
import type { Row } from './table.ts';

const tickets = 1_000_000;
const repeat = 15;
const readers = 10;
const largest = snowflake(1);
const ordinary = snowflake(700);

// 2,000 servers, the largest with a fifth of all tickets; ten events a ticket; made inside the engine from numbers alone.
const guild = `if(t % 5 = 0, ${largest}, ${snowflake(0)} + 2 + cityHash64(t) % 1998)`;
const opened = `(now64(3, 'UTC') - toIntervalSecond(intDiv((${tickets} - t) * 31536000, ${tickets})))`;
const shared = `${guild} AS g, toUInt64(1000 + t) AS ticket, ${opened} AS opened, toUInt32(cityHash64(t, 1) % 20000) AS wait, 5000000 + cityHash64(t, 2) % 50000 AS member, 6000000 + cityHash64(t, 3) % 40 AS staff`;

async function fill(bed: Bed): Promise<void> {
  const run = (query: string): Promise<unknown> =>
    bed.clickhouse.command({ query, clickhouse_settings: { max_execution_time: 600 } });
  await run(`INSERT INTO ticket SELECT g, ticket, 5, opened, member, member, 1 + t % 12, 'panel', [], 'normal', 'closed', staff, opened + 90000, staff,
    opened + toIntervalSecond(wait), staff, wait, wait, opened + 90000, 90000, 90000, 3, 1 + cityHash64(t, 4) % 5, opened + 95000, 0
    FROM (SELECT number AS t, ${shared} FROM numbers(${tickets}))`);
  await run(`INSERT INTO event SELECT g, ticket, ['ticket.opened','message.received','message.replied','message.received','message.replied','ticket.claimed','message.received','message.replied','ticket.closed','ticket.rated'][1 + k] AS name,
    if(name LIKE 'message.%', ticket * 100 + k, if(name IN ('ticket.opened','ticket.rated'), 0, k)), 5, opened + toIntervalSecond(wait + k * 300), opened, if(k % 2 = 0, staff, member), if(k % 2 = 0, 'staff', 'opener'), [], staff, [], member, 1 + t % 12, 'panel',
    if(name = 'message.replied', wait, NULL), NULL, if(k = 2, wait, NULL), NULL, if(k = 2, wait, NULL), if(k = 8, 90000, NULL), NULL, if(name = 'message.replied', k, 0), 0, if(k = 9, 1 + cityHash64(t, 4) % 5, 0), k = 8, 0
    FROM (SELECT intDiv(number, 10) AS t, number % 10 AS k, ${shared} FROM numbers(${tickets * 10}))`);
  await run('OPTIMIZE TABLE event');
}

/** The overview (every figure of the analytics page) of the largest and of an ordinary server, alone and by ten readers at once. */
export async function benchAnalytics(bed: Bed): Promise<Row[]> {
  await fill(bed);
  for (const id of [largest, ordinary]) {
    await upsertGuild(bed.pool, id, profile('Server'));
  }
  const read = (guildId: string) =>
    readOverview({ clickhouse: bed.clickhouse, db: bed.pool }, guildId, { now: Date.now(), days: 30 });
  // A card whose figures cost most: quantiles.
  const readCard = (guildId: string) =>
    runRequests(
      { clickhouse: bed.clickhouse, metrics },
      { guildId },
      {
        mean: { metric: 'firstResponseMean', ...lastDays(Date.now(), 30) },
        p90: { metric: 'firstResponseP90', ...lastDays(Date.now(), 30) },
      },
    );
  const median = async (work: () => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < repeat + 3; i += 1) times.push(await timed(work));
    return quantile(times.slice(3), 0.5);
  };
  const [largeCard, smallCard] = [await median(() => readCard(largest)), await median(() => readCard(ordinary))];
  const [large, small] = [await median(() => read(largest)), await median(() => read(ordinary))];
  // Speed at figures that are wrong is none: a fifth of the tickets, 30 of 365 days.
  const { tickets: of } = await read(largest);
  const isRight = Math.abs(of.d30 / ((tickets / 5) * (30 / 365)) - 1) < 0.01;
  const together: number[] = [];
  const whole = await timed(() =>
    Promise.all(
      Array.from({ length: readers }, async () => {
        for (let i = 0; i < 10; i += 1) together.push(await timed(() => read(ordinary)));
      }),
    ),
  );
  // Alone before and after, for what else the machine does in between changes.
  const alone = (small + (await median(() => read(ordinary)))) / 2;
  const throughput = ((readers * 10) / whole) * alone;
  const p95 = quantile(together, 0.95);
  const ms = (n: number): string => `${Math.round(n)} ms`;
  return [
    {
      what: 'largest of 2,000 servers at 10 M events',
      measured: `card ${ms(largeCard)}, whole overview ${ms(large)}`,
      budget: '≤ 60 ms, ≤ 300 ms',
      holds: largeCard <= 60 && large <= 300 && isRight,
    },
    {
      what: 'ordinary server',
      measured: `card ${ms(smallCard)}, whole overview ${ms(small)}`,
      budget: '≤ 25 ms, ≤ 40 ms',
      holds: smallCard <= 25 && small <= 40,
    },
    {
      what: 'ten readers at once',
      measured: `throughput ${throughput.toFixed(2)} of alone, p95 ${(p95 / alone).toFixed(1)} × the median`,
      budget: '≥ 0.8, ≤ 15 ×',
      holds: throughput >= 0.8 && p95 <= 15 * alone,
    },
  ];
}
