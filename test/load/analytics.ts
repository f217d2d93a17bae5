import { readOverview } from '#analytics/query/overview.ts';
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
  const read = (guildId: string): Promise<unknown> =>
    readOverview({ clickhouse: bed.clickhouse, db: bed.pool }, guildId, { now: Date.now(), days: 30 });
  const median = async (guildId: string): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < repeat + 3; i += 1) times.push(await timed(() => read(guildId)));
    return quantile(times.slice(3), 0.5);
  };
  const [large, small] = [await median(largest), await median(ordinary)];
  const together: number[] = [];
  const whole = await timed(() =>
    Promise.all(
      Array.from({ length: readers }, async () => {
        for (let i = 0; i < 10; i += 1) together.push(await timed(() => read(ordinary)));
      }),
    ),
  );
  const throughput = ((readers * 10) / whole) * small;
  const p95 = quantile(together, 0.95);
  const ms = (n: number): string => `${Math.round(n)} ms`;
  return [
    {
      what: 'whole overview, largest of 2,000 servers at 10 M events',
      measured: ms(large),
      budget: '≤ 300 ms',
      holds: large <= 300,
    },
    { what: 'whole overview, ordinary server', measured: ms(small), budget: '≤ 40 ms', holds: small <= 40 },
    {
      what: 'ten readers at once',
      measured: `throughput ${throughput.toFixed(2)} of alone, p95 ${(p95 / small).toFixed(1)} × the median`,
      budget: '≥ 0.8, ≤ 15 ×',
      holds: throughput >= 0.8 && p95 <= 15 * small,
    },
  ];
}
