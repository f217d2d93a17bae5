import { readOpenClaimed, readPanelNames } from '#tickets/store/now.ts';
import { metrics } from '../metrics/registry.ts';
import type { QueryDeps } from './overview.ts';
import { rankPanels } from './panels.ts';
import { runRequests } from './run.ts';
import type { UserFigures, WindowDays } from './types.ts';
import { allTime, calendarDays, daily, lastDays, previousDays } from './windows.ts';

const staffRequests = (now: number, days: number) => {
  const all = allTime(now);
  const window = lastDays(now, days);
  const previous = previousDays(now, days);
  return {
    answered: { metric: 'ticketsAnswered', ...all },
    d7: { metric: 'ticketsAnswered', ...lastDays(now, 7) },
    d7Previous: { metric: 'ticketsAnswered', ...previousDays(now, 7) },
    d30: { metric: 'ticketsAnswered', ...lastDays(now, 30) },
    d30Previous: { metric: 'ticketsAnswered', ...previousDays(now, 30) },
    mean: { metric: 'ownFirstReplyMean', ...all },
    median: { metric: 'ownFirstReplyMedian', ...all },
    p90: { metric: 'ownFirstReplyP90', ...all },
    count: { metric: 'ownFirstReplyCount', ...all },
    windowMean: { metric: 'ownFirstReplyMean', ...window },
    windowMedian: { metric: 'ownFirstReplyMedian', ...window },
    windowP90: { metric: 'ownFirstReplyP90', ...window },
    windowCount: { metric: 'ownFirstReplyCount', ...window },
    previousMean: { metric: 'ownFirstReplyMean', ...previous },
    previousMedian: { metric: 'ownFirstReplyMedian', ...previous },
    previousP90: { metric: 'ownFirstReplyP90', ...previous },
    previousCount: { metric: 'ownFirstReplyCount', ...previous },
    peakHour: { metric: 'peakReplyHour', ...all },
    replyHours: { metric: 'replies', ...all, by: 'hour' },
    perDay: { metric: 'ticketsAnswered', ...calendarDays(now, 2 * days), by: 'day' },
    panels: { metric: 'ticketsAnswered', ...all, by: 'panel' },
    ratingMean: { metric: 'claimedRatingMean', ...all },
    ratingCount: { metric: 'claimedRatingCount', ...all },
  } as const;
};

const memberRequests = (now: number, days: number) => {
  const all = allTime(now);
  return {
    opened: { metric: 'ticketsOpened', ...all },
    openedD7: { metric: 'ticketsOpened', ...lastDays(now, 7) },
    openedD7Previous: { metric: 'ticketsOpened', ...previousDays(now, 7) },
    openedD30: { metric: 'ticketsOpened', ...lastDays(now, 30) },
    openedD30Previous: { metric: 'ticketsOpened', ...previousDays(now, 30) },
    closed: { metric: 'ticketsClosed', ...all },
    durationMean: { metric: 'durationMean', ...all },
    durationMedian: { metric: 'durationMedian', ...all },
    durationP90: { metric: 'durationP90', ...all },
    peakOpeningHour: { metric: 'peakOpeningHour', ...all },
    openHours: { metric: 'ticketsOpened', ...all, by: 'hour' },
    openedPerDay: { metric: 'ticketsOpened', ...calendarDays(now, days), by: 'day' },
    givenMean: { metric: 'ratingMean', ...all },
    givenCount: { metric: 'ratingCount', ...all },
  } as const;
};

/**
 * One person's figures in a server at `now` (ms); null when they never opened nor answered a ticket there. Staff is who answered at least one,
 * whatever their roles (features 1.14-03). Their name and face are added by whoever knows Discord.
 */
export async function readUser(
  deps: QueryDeps,
  guildId: string,
  userId: string,
  o: { now: number; days: WindowDays },
): Promise<UserFigures | null> {
  const { now, days } = o;
  const requests = { ...staffRequests(now, days), ...memberRequests(now, days) };
  const [openClaimed, names, found] = await Promise.all([
    readOpenClaimed(deps.db, guildId, userId),
    readPanelNames(deps.db, guildId),
    runRequests(
      { clickhouse: deps.clickhouse, metrics: deps.metrics ?? metrics },
      { guildId, person: userId },
      requests,
    ),
  ]);
  const answered = found.answered ?? 0;
  const opened = found.opened ?? 0;
  if (answered === 0 && opened === 0) return null;
  const perDay = daily('answered', calendarDays(now, 2 * days).from, found.perDay);
  return {
    user: { id: userId, name: null, avatarUrl: null },
    view: answered > 0 ? 'staff' : 'member',
    now: new Date(now).toISOString(),
    days,
    staff:
      answered === 0
        ? null
        : {
            answered,
            d7: found.d7 ?? 0,
            d7Previous: found.d7Previous ?? 0,
            d30: found.d30 ?? 0,
            d30Previous: found.d30Previous ?? 0,
            ownFirstReply: { mean: found.mean, median: found.median, p90: found.p90, count: found.count ?? 0 },
            ownFirstReplyWindow: {
              mean: found.windowMean,
              median: found.windowMedian,
              p90: found.windowP90,
              count: found.windowCount ?? 0,
            },
            ownFirstReplyPrevious: {
              mean: found.previousMean,
              median: found.previousMedian,
              p90: found.previousP90,
              count: found.previousCount ?? 0,
            },
            peakHour: found.peakHour,
            replyHours: found.replyHours.map((n) => n ?? 0),
            openClaimed,
            rating: { mean: found.ratingMean, count: found.ratingCount ?? 0 },
            perDay: perDay.slice(days),
            perDayPrevious: perDay.slice(0, days),
            panels: rankPanels('answered', found.panels, names),
          },
    member:
      opened === 0
        ? null
        : {
            opened,
            d7: found.openedD7 ?? 0,
            d7Previous: found.openedD7Previous ?? 0,
            d30: found.openedD30 ?? 0,
            d30Previous: found.openedD30Previous ?? 0,
            closed: found.closed ?? 0,
            duration: {
              mean: found.durationMean,
              median: found.durationMedian,
              p90: found.durationP90,
              count: found.closed ?? 0,
            },
            peakHour: found.peakOpeningHour,
            openHours: found.openHours.map((n) => n ?? 0),
            perDay: daily('opened', calendarDays(now, days).from, found.openedPerDay),
            ratingGiven: { mean: found.givenMean, count: found.givenCount ?? 0 },
          },
  };
}
