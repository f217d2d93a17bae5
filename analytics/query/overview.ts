import type { ClickHouseClient } from '@clickhouse/client';
import type { Db } from '#runtime/postgres.ts';
import { readLagS, readNow, readPanelNames } from '#tickets/store/now.ts';
import { type Metrics, metrics } from '../metrics/registry.ts';
import type { Request } from './compile.ts';
import { rankPanels } from './panels.ts';
import { runRequests } from './run.ts';
import type { Duration, Overview, WindowDays } from './types.ts';
import { allTime, calendarDays, daily, lastDays, previousDays, type Window } from './windows.ts';

/** What reading figures needs. `metrics` replaces the declarations; for tests of the comparison itself. */
export type QueryDeps = { clickhouse: ClickHouseClient; db: Db; metrics?: Metrics };

const hoursPerDay = 24;
const trailingDays = 7;
const fiveDays = 5;

const firstResponseIn = (window: Window) => ({
  mean: { metric: 'firstResponseMean', ...window } as const,
  median: { metric: 'firstResponseMedian', ...window } as const,
  p90: { metric: 'firstResponseP90', ...window } as const,
  count: { metric: 'firstResponseCount', ...window } as const,
});

const requestsOf = (now: number, days: number) => {
  const rolling = {
    all: allTime(now),
    window: lastDays(now, days),
    previous: previousDays(now, days),
    d7: lastDays(now, 7),
    d30: lastDays(now, 30),
  };
  const twice = calendarDays(now, 2 * days);
  const trail = calendarDays(now, days + trailingDays - 1);
  const responses = Object.fromEntries(
    Object.entries(rolling).flatMap(([name, window]) =>
      Object.entries(firstResponseIn(window)).map(([part, request]) => [`${name}.${part}`, request] as const),
    ),
  ) as Record<`${keyof typeof rolling}.${keyof Duration}`, Request & { by?: never }>;
  return {
    ...responses,
    d7: { metric: 'ticketsOpened', ...rolling.d7 },
    d7Previous: { metric: 'ticketsOpened', ...previousDays(now, 7) },
    d30: { metric: 'ticketsOpened', ...rolling.d30 },
    d30Previous: { metric: 'ticketsOpened', ...previousDays(now, 30) },
    perDay: { metric: 'ticketsOpened', ...twice, by: 'day' },
    arrivals: { metric: 'ticketsOpened', ...rolling.d30, by: 'weekHour' },
    peakHour: { metric: 'peakOpeningHour', ...rolling.d30 },
    panels: { metric: 'ticketsOpened', ...rolling.all, by: 'panel' },
    trendMeans: { metric: 'firstResponseMean', ...trail, by: 'day' },
    trendCounts: { metric: 'firstResponseCount', ...trail, by: 'day' },
    rating: { metric: 'ratingMean', ...rolling.window },
    ratings: { metric: 'ratingCount', ...rolling.window },
    ratingPrevious: { metric: 'ratingMean', ...rolling.previous },
    ratingsPrevious: { metric: 'ratingCount', ...rolling.previous },
    ratingEver: { metric: 'ratingMean', ...rolling.all },
    ratingsEver: { metric: 'ratingCount', ...rolling.all },
    stars: { metric: 'ratingCount', ...rolling.window, by: 'stars' },
  } as const;
};

/** A server's figures at `now` (ms), for windows of `days` × 24 hours. */
export async function readOverview(
  deps: QueryDeps,
  guildId: string,
  o: { now: number; days: WindowDays },
): Promise<Overview> {
  const { now, days } = o;
  const [present, names, lagS, found] = await Promise.all([
    readNow(deps.db, guildId, now),
    readPanelNames(deps.db, guildId),
    readLagS(deps.db, guildId, now),
    runRequests({ clickhouse: deps.clickhouse, metrics: deps.metrics ?? metrics }, { guildId }, requestsOf(now, days)),
  ]);
  const responseOf = (name: 'all' | 'window' | 'previous' | 'd7' | 'd30'): Duration => ({
    mean: found[`${name}.mean`],
    median: found[`${name}.median`],
    p90: found[`${name}.p90`],
    count: found[`${name}.count`] ?? 0,
  });
  const perDay = daily('opened', calendarDays(now, 2 * days).from, found.perDay);
  const stars = found.stars.map((n) => n ?? 0);
  return {
    now: new Date(now).toISOString(),
    days,
    tickets: {
      ever: present.totalEver,
      since: present.since === null ? null : new Date(present.since).toISOString(),
      d7: found.d7 ?? 0,
      d7Previous: found.d7Previous ?? 0,
      d30: found.d30 ?? 0,
      d30Previous: found.d30Previous ?? 0,
    },
    status: {
      open: present.open,
      closed: present.closed,
      claimed: present.claimed,
      awaitingFirstResponse: present.awaitingFirstResponse,
      oldestWaitingS: present.oldestWaitingS,
      closureRate: present.totalEver === 0 ? null : present.closed / present.totalEver,
    },
    firstResponse: {
      window: responseOf('window'),
      previous: responseOf('previous'),
      allTime: responseOf('all'),
      d7: responseOf('d7'),
      d30: responseOf('d30'),
      trend: trailingMeans(found.trendMeans, found.trendCounts),
    },
    rating: {
      mean: found.rating,
      count: found.ratings ?? 0,
      previousMean: found.ratingPrevious,
      previousCount: found.ratingsPrevious ?? 0,
      allTimeMean: found.ratingEver,
      allTimeCount: found.ratingsEver ?? 0,
      stars: [stars[0] ?? 0, stars[1] ?? 0, stars[2] ?? 0, stars[3] ?? 0, stars[4] ?? 0],
    },
    perDay: perDay.slice(days),
    perDayPrevious: perDay.slice(0, days),
    lastFiveDays: perDay.slice(-fiveDays).toReversed(),
    panels: rankPanels('opened', found.panels, names),
    peakHour: found.peakHour,
    arrivals: Array.from({ length: 7 }, (_, day) =>
      Array.from({ length: hoursPerDay }, (_, hour) => found.arrivals[day * hoursPerDay + hour] ?? 0),
    ),
    lag: { seconds: lagS },
  };
}

/** For each day but the first six, the mean of the values of the seven days that end with it. */
function trailingMeans(means: readonly (number | null)[], counts: readonly (number | null)[]): (number | null)[] {
  return Array.from({ length: Math.max(0, means.length - trailingDays + 1) }, (_, i) => {
    let sum = 0;
    let count = 0;
    for (let day = i; day < i + trailingDays; day += 1) {
      const n = counts[day] ?? 0;
      sum += (means[day] ?? 0) * n;
      count += n;
    }
    return count === 0 ? null : sum / count;
  });
}
