import type { DayOpened, Duration, Overview, StaffFigures, UserFigures, WindowDays } from '#analytics/query/types.ts';
import { type Invented, MIDNIGHT, NOW, panelNames, tickets } from './tickets.ts';

const DAY = 86_400_000;
type Times = 'at' | 'answeredAt';
const within = (list: Invented[], from: number, to: number, key: Times = 'at') =>
  list.filter((t) => t[key] >= NOW - from * DAY && t[key] < NOW - to * DAY);
const answered = (list: Invented[], from: number, to: number) =>
  within(list, from, to, 'answeredAt').filter((t) => t.waitS !== null);
const mean = (list: number[]) => (list.length ? list.reduce((a, b) => a + b, 0) / list.length : null);
const quantile = (list: number[], q: number) => {
  if (!list.length) return null;
  const sorted = list.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place % 1);
};
const durationOf = (list: Invented[]): Duration => {
  const waits = list.flatMap((t) => (t.waitS === null ? [] : [t.waitS]));
  return { mean: mean(waits), median: quantile(waits, 0.5), p90: quantile(waits, 0.9), count: waits.length };
};
const stars = (list: Invented[]) => list.flatMap((t) => (t.stars === null ? [] : [t.stars]));
const hourOf = (ms: number) => new Date(ms).getUTCHours();
const hoursOf = (list: Invented[], weight: (t: Invented) => number, key: Times) => {
  const hours = Array.from({ length: 24 }, () => 0);
  for (const t of list) hours[hourOf(t[key])] = (hours[hourOf(t[key])] ?? 0) + weight(t);
  return hours;
};
const perDay = (list: Invented[], days: number, back: number, key: Times = 'at'): DayOpened[] =>
  Array.from({ length: days }, (_, i) => {
    const from = MIDNIGHT - (days - 1 - i + back) * DAY;
    const opened = list.filter((t) => t[key] >= from && t[key] < from + DAY && t[key] < NOW).length;
    return { at: new Date(from).toISOString(), opened };
  });
const peakOf = (hours: number[]) => (Math.max(...hours) > 0 ? hours.indexOf(Math.max(...hours)) : null);

/** A server's figures, counted from the invented tickets. */
export const overviewOf = (days: WindowDays, all: Invented[] = tickets): Overview => {
  const arrivals = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));
  for (const t of within(all, 30, 0)) {
    const row = arrivals[(new Date(t.at).getUTCDay() + 6) % 7];
    if (row) row[hourOf(t.at)] = (row[hourOf(t.at)] ?? 0) + 1;
  }
  const [now, before] = [answered(all, days, 0), answered(all, days * 2, days)];
  const [rated, ratedBefore] = [stars(now), stars(before)];
  const trend = Array.from({ length: days }, (_, i) => {
    const to = MIDNIGHT - (days - 2 - i) * DAY;
    return durationOf(all.filter((t) => t.answeredAt >= to - 7 * DAY && t.answeredAt < Math.min(to, NOW))).mean;
  });
  const hours = arrivals.reduce(
    (sum, row) => sum.map((n, h) => n + (row[h] ?? 0)),
    Array.from({ length: 24 }, () => 0),
  );
  const isSome = all.length > 0;
  const ever = isSome ? 12_841 : 0;
  return {
    now: new Date(NOW).toISOString(),
    days,
    tickets: {
      ever,
      since: isSome ? '2023-03-04T09:12:00.000Z' : null,
      d7: within(all, 7, 0).length,
      d7Previous: within(all, 14, 7).length,
      d30: within(all, 30, 0).length,
      d30Previous: within(all, 60, 30).length,
    },
    status: {
      open: isSome ? 47 : 0,
      closed: isSome ? ever - 47 : 0,
      claimed: isSome ? 31 : 0,
      awaitingFirstResponse: isSome ? 6 : 0,
      oldestWaitingS: isSome ? 11_520 : null,
      closureRate: isSome ? (ever - 47) / ever : null,
    },
    firstResponse: {
      window: durationOf(now),
      previous: durationOf(before),
      allTime: durationOf(all),
      d7: durationOf(answered(all, 7, 0)),
      d30: durationOf(answered(all, 30, 0)),
      trend,
    },
    rating: {
      mean: mean(rated),
      count: rated.length,
      previousMean: mean(ratedBefore),
      previousCount: ratedBefore.length,
      allTimeMean: mean(stars(all)),
      allTimeCount: stars(all).length,
      stars: [1, 2, 3, 4, 5].map((s) => rated.filter((r) => r === s).length) as Overview['rating']['stars'],
    },
    perDay: perDay(all, days, 0),
    perDayPrevious: perDay(all, days, days),
    lastFiveDays: perDay(all, 5, 0).toReversed(),
    panels: isSome ? panelsOf(ever) : [],
    peakHour: peakOf(hours),
    arrivals,
    lag: { seconds: 0 },
  };
};

const panelsOf = (total: number) =>
  panelNames.map(([name, share], index) => ({
    panelId: name === '' ? null : 1_000 + index,
    name,
    opened: Math.round(share * total),
    share,
  }));

const staffOf = (days: WindowDays): StaffFigures => {
  const mine = tickets.filter((t) => t.staff === 0);
  const replyHours = hoursOf(answered(mine, 60, 0), (t) => t.replies, 'answeredAt');
  const rated = stars(mine);
  const daily = (back: number) =>
    perDay(mine, days, back, 'answeredAt').map(({ at, opened }) => ({ at, answered: opened }));
  return {
    answered: 2_914,
    d7: answered(mine, 7, 0).length,
    d7Previous: answered(mine, 14, 7).length,
    d30: answered(mine, 30, 0).length,
    d30Previous: answered(mine, 60, 30).length,
    ownFirstReply: durationOf(mine),
    ownFirstReplyWindow: durationOf(answered(mine, days, 0)),
    ownFirstReplyPrevious: durationOf(answered(mine, days * 2, days)),
    peakHour: peakOf(replyHours),
    replyHours,
    openClaimed: 9,
    rating: { mean: mean(rated), count: rated.length },
    perDay: daily(0),
    perDayPrevious: daily(days),
    panels: panelsOf(2_914)
      .slice(0, 5)
      .map(({ panelId, name, opened, share }) => ({ panelId, name, answered: opened, share })),
  };
};

/** One person who is staff and has opened a few tickets. */
export const userOf = (id: string, days: WindowDays): UserFigures => {
  const own = tickets.filter((_, index) => index % 97 === 0);
  const openHours = hoursOf(own, () => 1, 'at');
  return {
    user: { id, name: 'Staff A', avatarUrl: null },
    view: 'staff',
    now: new Date(NOW).toISOString(),
    days,
    staff: staffOf(days),
    member: {
      opened: own.length,
      d7: within(own, 7, 0).length,
      d7Previous: within(own, 14, 7).length,
      d30: within(own, 30, 0).length,
      d30Previous: within(own, 60, 30).length,
      closed: own.length - 1,
      duration: { mean: 31_000, median: 9_400, p90: 98_000, count: own.length - 1 },
      peakHour: peakOf(openHours),
      openHours,
      perDay: perDay(own, days, 0),
      ratingGiven: { mean: 4.25, count: 8 },
    },
  };
};
