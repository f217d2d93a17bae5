import { readOverview } from '#analytics/query/overview.ts';
import { readUser } from '#analytics/query/user.ts';
import type { Overview, UserFigures, WindowDays } from '#analytics/query/types.ts';
import { windowDays } from '#analytics/query/types.ts';
import { createFormat, type Format } from '#analytics/plot/format.ts';
import { PngError, statsPng } from '#analytics/plot/png.ts';
import { type StatsInput, statsDescription } from '#analytics/plot/stats.ts';
import { escapeMarkdown } from '#discord/markdown.ts';
import { type TextKey, translate } from '#locales/index.ts';
import { AppError } from '#tickets/errors.ts';
import type { APIUser } from 'discord-api-types/v10';
import { Routes } from 'discord-api-types/v10';
import { type Call, defineCommand } from '../define.ts';
import { integer, user } from '../options.ts';

const days = integer({ min: 7, max: 90, of: windowDays, optional: true });
/** A picture takes about a tenth of a second of one thread. */
const rate = { times: 3, everyMs: 15_000 };

type Line = { name: string; value: string };
const point = (day: { at: string; opened: number } | { at: string; answered: number }) => ({
  at: Date.parse(day.at),
  n: 'opened' in day ? day.opened : day.answered,
});

function writer(locale: string, format: Format) {
  const line = (key: TextKey, value: string, vars = {}): Line => ({ name: translate(locale, key, vars), value });
  const before = (now: number, previous: number): string => {
    const delta = format.delta(now, previous, null);
    const change = delta.kind === 'changed' ? ` (${delta.direction === 'up' ? '▲' : '▼'} ${delta.amount})` : '';
    return `${format.count(now)}${change}`;
  };
  const hour = (value: number | null): string => (value === null ? format.hour(null) : `${format.hour(value)} UTC`);
  const rating = (mean: number | null, count: number): string =>
    mean === null ? format.stars(null) : translate(locale, 'stats.rating-of', { mean: format.stars(mean), count });
  const duration = (d: { mean: number | null; median: number | null; p90: number | null }): string =>
    d.mean === null
      ? format.duration(null)
      : translate(locale, 'stats.duration', {
          mean: format.duration(d.mean),
          median: format.duration(d.median),
          p90: format.duration(d.p90),
        });
  return { line, before, hour, rating, duration };
}

function serverLines(o: Overview, locale: string, format: Format): Line[] {
  const { line, before, hour, rating, duration } = writer(locale, format);
  const { tickets, status, firstResponse } = o;
  return [
    line('stats.ever', format.count(tickets.ever)),
    line('stats.last-7', before(tickets.d7, tickets.d7Previous)),
    line('stats.last-30', before(tickets.d30, tickets.d30Previous)),
    line('stats.open', format.count(status.open)),
    line('stats.claimed', format.count(status.claimed)),
    line('stats.closed', format.count(status.closed)),
    line('stats.waiting', format.count(status.awaitingFirstResponse)),
    line('stats.peak', hour(o.peakHour)),
    line('stats.rating-window', rating(o.rating.mean, o.rating.count), { days: o.days }),
    line('stats.first-response', duration(firstResponse.window), { days: o.days }),
    line('stats.first-response-all', duration(firstResponse.allTime)),
    line('stats.rating-all', rating(o.rating.allTimeMean, o.rating.allTimeCount)),
  ];
}

function userLines(u: UserFigures, locale: string, format: Format): Line[] {
  const { line, before, hour, rating, duration } = writer(locale, format);
  if (u.view === 'staff' && u.staff) {
    const { staff } = u;
    return [
      line('stats.answered', format.count(staff.answered)),
      line('stats.answered-7', before(staff.d7, staff.d7Previous)),
      line('stats.answered-30', before(staff.d30, staff.d30Previous)),
      line('stats.own-first-reply', duration(staff.ownFirstReply)),
      line('stats.rating-claimed', rating(staff.rating.mean, staff.rating.count)),
      ...(staff.peakHour === null ? [] : [line('stats.peak-replies', hour(staff.peakHour))]),
    ];
  }
  const { member } = u;
  if (!member) return [];
  return [
    line('stats.opened', format.count(member.opened)),
    line('stats.opened-7', before(member.d7, member.d7Previous)),
    line('stats.opened-30', before(member.d30, member.d30Previous)),
    line('stats.member-closed', format.count(member.closed)),
    ...(member.duration.mean === null ? [] : [line('stats.member-duration', duration(member.duration))]),
    ...(member.peakHour === null ? [] : [line('stats.peak-openings', hour(member.peakHour))]),
  ];
}

async function show(call: Call, title: string, lines: Line[], picture: StatsInput) {
  const { deps, locale, reply } = call;
  const png = await statsPng(picture).catch((error: unknown) => {
    // The figures are worth sending without their picture.
    if (!(error instanceof PngError)) throw error;
    deps.log.warn({ err: error, reason: error.reason }, 'picture of statistics not drawn');
    return null;
  });
  const name = 'docket-stats.png';
  await reply.show({
    embeds: [
      {
        title,
        fields: lines.map((line) => ({ ...line, inline: true })),
        footer: { text: translate(locale, 'stats.footer') },
        ...(png && { image: { url: `attachment://${name}` } }),
      },
    ],
    ...(png && { files: [{ name, data: png, contentType: 'image/png', description: statsDescription(picture) }] }),
  });
}

const windowOf = (given: number | null): WindowDays => windowDays.find((n) => n === given) ?? 30;

/** The server's figures, as text and as a picture (features.md 1.2-26). */
export const statsServer = defineCommand({
  name: 'stats server',
  level: 'admin',
  defer: 'ephemeral',
  rate,
  options: { days },
  async run(call) {
    const { deps, guildId, guild, locale } = call;
    const { ctx, clickhouse } = deps;
    const o = await readOverview({ clickhouse, db: ctx.db }, guildId, {
      now: ctx.now(),
      days: windowOf(call.options.days),
    });
    await show(
      call,
      translate(locale, 'stats.title', { name: escapeMarkdown(guild.name) }),
      serverLines(o, locale, createFormat(locale)),
      {
        title: guild.name,
        days: o.days,
        opened: sums(o.perDay.map(point), o.perDayPrevious.map(point)),
        firstResponseMean: { now: o.firstResponse.window.mean, previous: o.firstResponse.previous.mean },
        rating: { now: o.rating.mean, previous: o.rating.previousMean },
        perDay: o.perDay.map(point),
        perDayPrevious: o.perDayPrevious.map(point),
        locale,
      },
    );
  },
});

const sum = (points: readonly { n: number }[]): number => points.reduce((total, p) => total + p.n, 0);
const sums = (now: readonly { n: number }[], previous: readonly { n: number }[]) => ({
  now: sum(now),
  previous: sum(previous),
});

async function nameOf({ deps }: Call, userId: string): Promise<string> {
  const person = (await deps.botRest.get(Routes.user(userId))) as APIUser;
  return person.global_name ?? person.username;
}

function userPicture(u: UserFigures, name: string, locale: string): StatsInput {
  const label = (key: TextKey) => translate(locale, key);
  if (u.view === 'staff' && u.staff) {
    const [perDay, perDayPrevious] = [u.staff.perDay.map(point), u.staff.perDayPrevious.map(point)];
    return {
      title: name,
      days: u.days,
      opened: sums(perDay, perDayPrevious),
      firstResponseMean: { now: u.staff.ownFirstReplyWindow.mean, previous: u.staff.ownFirstReplyPrevious.mean },
      rating: { now: u.staff.rating.mean, previous: null },
      perDay,
      perDayPrevious,
      labels: [label('stats.picture.answered'), label('stats.picture.own-first-reply'), label('stats.picture.rating')],
      locale,
    };
  }
  const perDay = (u.member?.perDay ?? []).map(point);
  return {
    title: name,
    days: u.days,
    opened: { now: sum(perDay), previous: null },
    firstResponseMean: { now: u.member?.duration.mean ?? null, previous: null },
    rating: { now: u.member?.ratingGiven.mean ?? null, previous: null },
    perDay,
    perDayPrevious: [],
    labels: [label('stats.picture.opened'), label('stats.picture.duration'), label('stats.picture.rating-given')],
    locale,
  };
}

/** One person's figures: as staff once they answered a ticket, else as a member (features.md 1.14-03). */
export const statsUser = defineCommand({
  name: 'stats user',
  level: 'admin',
  defer: 'ephemeral',
  rate,
  options: { user: user(), days },
  async run(call) {
    const { deps, guildId, options, locale } = call;
    const { ctx, clickhouse } = deps;
    const u = await readUser({ clickhouse, db: ctx.db }, guildId, options.user.id, {
      now: ctx.now(),
      days: windowOf(options.days),
    });
    if (!u) throw new AppError('user.unknown');
    const name = await nameOf(call, options.user.id);
    const title = translate(locale, 'stats.title', { name: escapeMarkdown(name) });
    await show(call, title, userLines(u, locale, createFormat(locale)), userPicture(u, name, locale));
  },
});
