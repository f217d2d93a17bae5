import type { Duration, Overview, UserFigures } from '#analytics/query/types.ts';
import type { Change, History, Message, Ticket } from './history.ts';

/**
 * Every figure from plain arrays, written from the definitions (metrics.md) alone: no fold, no SQL, nothing stored. What disagrees with it is
 * wrong, or it is.
 */

const day = 86_400_000;
type Span = { from: number; to: number };
const isIn = (at: number, span: Span): boolean => at >= span.from && at < span.to;
const ever = (now: number): Span => ({ from: Number.NEGATIVE_INFINITY, to: now });
const last = (now: number, days: number): Span => ({ from: now - days * day, to: now });
const before = (now: number, days: number): Span => ({ from: now - 2 * days * day, to: now - days * day });
const seconds = (from: number, to: number): number => Math.max(0, Math.floor((to - from) / 1_000));

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value at `p` of the way through the sorted values, in between two in proportion. */
function quantile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * p;
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  return low === undefined || high === undefined ? null : low + (high - low) * (place - Math.floor(place));
}

const durationOf = (values: readonly number[]): Duration => ({
  mean: mean(values),
  median: quantile(values, 0.5),
  p90: quantile(values, 0.9),
  count: values.length,
});

function peak(times: readonly number[]): number | null {
  const hours = hoursOf(times);
  const most = Math.max(...hours);
  return most === 0 ? null : hours.indexOf(most);
}

const hoursOf = (times: readonly number[]): number[] =>
  Array.from({ length: 24 }, (_, hour) => times.filter((at) => new Date(at).getUTCHours() === hour).length);

/** The last `days` UTC days, `skip` days back. */
const daysOf = (now: number, days: number, skip = 0): Span[] =>
  Array.from({ length: days }, (_, i) => {
    const from = now - (now % day) - (days - 1 - i + skip) * day;
    return { from, to: Math.min(now, from + day) };
  });

const roleOf = (history: History, id: string) => history.people.find((person) => person.id === id)?.role;

/** A ticket's messages in the order in which they are read. */
const spoken = (ticket: Ticket): Message[] =>
  ticket.messages.toSorted((a, b) => a.at - b.at || (BigInt(a.id) < BigInt(b.id) ? -1 : 1));

/** Messages by staff in a ticket that is not their own. */
const staffMessages = (history: History, ticket: Ticket): Message[] =>
  spoken(ticket).filter(({ authorId }) => authorId !== ticket.openerId && roleOf(history, authorId) === 'staff');

/** The messages that begin a reply: further lines of the same person within a minute, with no other human between, belong to it. */
function repliesOf(history: History, ticket: Ticket): Message[] {
  const humans = spoken(ticket).filter(({ authorId }) => roleOf(history, authorId) !== 'bot');
  const byStaff = new Set(staffMessages(history, ticket));
  return humans.filter((message, i) => {
    if (!byStaff.has(message)) return false;
    const previous = humans[i - 1];
    return !(previous && previous.authorId === message.authorId && message.at - previous.at < 60_000);
  });
}

const firstResponse = (history: History, ticket: Ticket): { at: number; s: number } | null => {
  const [first] = staffMessages(history, ticket);
  return first ? { at: first.at, s: seconds(ticket.openedAt, first.at) } : null;
};

const lastOf = (ticket: Ticket, names: readonly Change['name'][]): Change | undefined =>
  ticket.changes.findLast((change) => names.includes(change.name));
const closingOf = (ticket: Ticket): Change | null => {
  const change = lastOf(ticket, ['closed', 'reopened']);
  return change?.name === 'closed' ? change : null;
};
const claimerAfter = (changes: readonly Change[]): string | null => {
  const change = changes.findLast(({ name }) => name === 'claimed' || name === 'released');
  return change?.name === 'claimed' ? change.actorId : null;
};
const ratingOf = (ticket: Ticket) => {
  const index = ticket.changes.findLastIndex(({ name }) => name === 'rated');
  const change = ticket.changes[index];
  if (!change) return null;
  const closing = ticket.changes.slice(0, index).findLastIndex(({ name }) => name === 'closed');
  return { at: change.at, stars: change.rating ?? 0, claimerId: claimerAfter(ticket.changes.slice(0, closing)) };
};

function panelsOf<Key extends string>(history: History, key: Key, tickets: readonly Ticket[]) {
  const counts = new Map<number | null, number>();
  for (const { panelId } of tickets) counts.set(panelId, (counts.get(panelId) ?? 0) + 1);
  const named = [...counts].map(([panelId, n]) => ({
    panelId,
    name: panelId === null ? 'No panel' : (history.panels.find((panel) => panel.id === panelId)?.name ?? ''),
    share: n / tickets.length,
    ...({ [key]: n } as Record<Key, number>),
  }));
  named.sort((a, b) => b[key] - a[key] || a.name.localeCompare(b.name, 'en') || (a.panelId ?? 0) - (b.panelId ?? 0));
  return named.slice(0, 10);
}

const iso = (at: number): string => new Date(at).toISOString();

/** The server's figures. */
export function overviewOf(history: History): Overview {
  const { now, days, tickets } = history;
  const opened = (span: Span): number => tickets.filter(({ openedAt }) => isIn(openedAt, span)).length;
  const responses = tickets.flatMap((ticket) => firstResponse(history, ticket) ?? []);
  const responded = (span: Span): number[] => responses.filter(({ at }) => isIn(at, span)).map(({ s }) => s);
  const open = tickets.filter((ticket) => !closingOf(ticket));
  const waiting = open.filter((ticket) => !firstResponse(history, ticket));
  const ratings = tickets.flatMap((ticket) => ratingOf(ticket) ?? []);
  const stars = (span: Span): number[] => ratings.filter(({ at }) => isIn(at, span)).map((rating) => rating.stars);
  const starCount = (n: number): number => stars(last(now, days)).filter((given) => given === n).length;
  const month = tickets.map(({ openedAt }) => openedAt).filter((at) => isIn(at, last(now, 30)));
  const perDay = (spans: readonly Span[]) => spans.map((span) => ({ at: iso(span.from), opened: opened(span) }));
  const past = tickets.filter(({ openedAt }) => openedAt < now);
  return {
    now: iso(now),
    days,
    tickets: {
      ever: tickets.length,
      since: tickets[0] ? iso(tickets[0].openedAt) : null,
      d7: opened(last(now, 7)),
      d7Previous: opened(before(now, 7)),
      d30: opened(last(now, 30)),
      d30Previous: opened(before(now, 30)),
    },
    status: {
      open: open.length,
      closed: tickets.length - open.length,
      claimed: open.filter((ticket) => claimerAfter(ticket.changes) !== null).length,
      awaitingFirstResponse: waiting.length,
      oldestWaitingS: waiting[0] ? seconds(Math.min(...waiting.map((ticket) => ticket.openedAt)), now) : null,
      closureRate: tickets.length === 0 ? null : (tickets.length - open.length) / tickets.length,
    },
    firstResponse: {
      window: durationOf(responded(last(now, days))),
      previous: durationOf(responded(before(now, days))),
      allTime: durationOf(responded(ever(now))),
      d7: durationOf(responded(last(now, 7))),
      d30: durationOf(responded(last(now, 30))),
      trend: daysOf(now, days).map((span) => mean(responded({ from: span.from - 6 * day, to: span.to }))),
    },
    rating: {
      mean: mean(stars(last(now, days))),
      count: stars(last(now, days)).length,
      previousMean: mean(stars(before(now, days))),
      previousCount: stars(before(now, days)).length,
      allTimeMean: mean(stars(ever(now))),
      allTimeCount: stars(ever(now)).length,
      stars: [starCount(1), starCount(2), starCount(3), starCount(4), starCount(5)],
    },
    perDay: perDay(daysOf(now, days)),
    perDayPrevious: perDay(daysOf(now, days, days)),
    lastFiveDays: perDay(daysOf(now, 5)).toReversed(),
    panels: panelsOf(history, 'opened', past),
    peakHour: peak(month),
    arrivals: [1, 2, 3, 4, 5, 6, 0].map((weekday) =>
      hoursOf(month.filter((at) => new Date(at).getUTCDay() === weekday)),
    ),
    lag: { seconds: 0 },
  };
}

/** One person's figures. */
export function userOf(history: History, userId: string): UserFigures | null {
  const staff = staffOf(history, userId);
  const member = memberOf(history, userId);
  if (!staff && !member) return null;
  return {
    user: { id: userId, name: null, avatarUrl: null },
    view: staff ? 'staff' : 'member',
    now: iso(history.now),
    days: history.days,
    staff,
    member,
  };
}

function staffOf(history: History, userId: string): UserFigures['staff'] {
  const { now, days, tickets } = history;
  const said = (ticket: Ticket): Message[] =>
    staffMessages(history, ticket).filter(({ authorId, at }) => authorId === userId && at < now);
  const answered = (span: Span): Ticket[] => tickets.filter((ticket) => said(ticket).some(({ at }) => isIn(at, span)));
  const all = answered(ever(now));
  if (all.length === 0) return null;
  const own = (span: Span): Duration =>
    durationOf(
      all.flatMap((ticket) => {
        const [first] = said(ticket);
        return first && isIn(first.at, span) ? [seconds(ticket.openedAt, first.at)] : [];
      }),
    );
  const replyTimes = tickets
    .flatMap((ticket) => repliesOf(history, ticket))
    .filter(({ authorId, at }) => authorId === userId && at < now)
    .map(({ at }) => at);
  const stars = tickets
    .flatMap((ticket) => ratingOf(ticket) ?? [])
    .filter(({ claimerId, at }) => claimerId === userId && at < now)
    .map((rating) => rating.stars);
  const perDay = (spans: readonly Span[]) =>
    spans.map((span) => ({ at: iso(span.from), answered: answered(span).length }));
  return {
    answered: all.length,
    d7: answered(last(now, 7)).length,
    d7Previous: answered(before(now, 7)).length,
    d30: answered(last(now, 30)).length,
    d30Previous: answered(before(now, 30)).length,
    ownFirstReply: own(ever(now)),
    ownFirstReplyWindow: own(last(now, days)),
    ownFirstReplyPrevious: own(before(now, days)),
    peakHour: peak(replyTimes),
    replyHours: hoursOf(replyTimes),
    openClaimed: tickets.filter((ticket) => !closingOf(ticket) && claimerAfter(ticket.changes) === userId).length,
    rating: { mean: mean(stars), count: stars.length },
    perDay: perDay(daysOf(now, days)),
    perDayPrevious: perDay(daysOf(now, days, days)),
    panels: panelsOf(history, 'answered', all),
  };
}

function memberOf(history: History, userId: string): UserFigures['member'] {
  const { now, days } = history;
  const mine = history.tickets.filter(({ openerId, openedAt }) => openerId === userId && openedAt < now);
  if (mine.length === 0) return null;
  const times = mine.map(({ openedAt }) => openedAt);
  const opened = (span: Span): number => times.filter((at) => isIn(at, span)).length;
  const durations = mine.flatMap((ticket) => {
    const closing = closingOf(ticket);
    return closing ? [seconds(ticket.openedAt, closing.at)] : [];
  });
  const stars = mine.flatMap((ticket) => ratingOf(ticket)?.stars ?? []);
  return {
    opened: mine.length,
    d7: opened(last(now, 7)),
    d7Previous: opened(before(now, 7)),
    d30: opened(last(now, 30)),
    d30Previous: opened(before(now, 30)),
    closed: durations.length,
    duration: durationOf(durations),
    peakHour: peak(times),
    openHours: hoursOf(times),
    perDay: daysOf(now, days).map((span) => ({ at: iso(span.from), opened: opened(span) })),
    ratingGiven: { mean: mean(stars), count: stars.length },
  };
}
