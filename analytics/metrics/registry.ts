import type { EventName, eventColumns, ticketColumns } from '#tickets/events.ts';

/**
 * Every figure, declared once. SQL, API, `/stats`, charts, docs and the text behind each info button derive from here; metrics.md of the house
 * plan is its source. `value` is an aggregate over ClickHouse's rows, narrowed by `where`; a window narrows it by `at`. Quantiles are exact.
 */

/** What a number counts, for whoever formats it. */
export type Unit = 'tickets' | 'replies' | 'ratings' | 's' | 'stars' | 'share' | 'hour';

type Common = {
  readonly unit: Unit;
  /** What is shown without data: `null` reads "not yet". */
  readonly empty: null | 0;
  /** Which way is an improvement; null when neither is. */
  readonly better: 'lower' | 'higher' | null;
  /** What the info button says. */
  readonly doc: string;
};
type Aggregate = {
  readonly value: string;
  readonly where?: string;
  /** The figure is not the aggregate itself but the UTC hour at which it is largest; of equal hours the earlier. */
  readonly peak?: 'hour';
};
type TicketMetric = Common &
  Aggregate & {
    readonly from: 'ticket';
    readonly at: keyof typeof ticketColumns;
    /** Whose figure it is when asked for one person. */
    readonly person: keyof typeof ticketColumns;
  };
type EventMetric = Common &
  Aggregate & {
    readonly from: 'event';
    readonly name: EventName;
    readonly at: 'at';
    readonly person: keyof typeof eventColumns;
  };
/** True now, so answered by Postgres: `value` is a field of `readNow` or a quotient of two. */
type NowMetric = Common & { readonly from: 'now'; readonly at: 'now'; readonly value: string };

/** A declared figure. */
export type Metric = TicketMetric | EventMetric | NowMetric;

const opened = { from: 'ticket', at: 'opened_at', person: 'opener_id' } as const;
const firstResponse = {
  from: 'ticket',
  at: 'first_response_at',
  person: 'first_response_by',
  where: 'first_response_s IS NOT NULL',
  better: 'lower',
} as const;
const closed = {
  from: 'ticket',
  at: 'closed_at',
  person: 'opener_id',
  where: "status = 'closed' AND duration_s IS NOT NULL",
  better: 'lower',
} as const;
const rated = { from: 'ticket', at: 'rated_at', person: 'opener_id', where: 'rating > 0', better: 'higher' } as const;
const replied = { from: 'event', name: 'message.replied', at: 'at', person: 'actor_id' } as const;
const ownFirstReply = { ...replied, where: 'own_first_reply_s IS NOT NULL', better: 'lower' } as const;
const ratedOwner = {
  from: 'event',
  name: 'ticket.rated',
  at: 'at',
  person: 'owner_id',
  where: 'rating > 0',
  better: 'higher',
} as const;
const present = { from: 'now', at: 'now' } as const;

const firstResponseDoc =
  'From a ticket’s opening to the first reply by any member of staff, counted on the day of that reply. Tickets without a reply are not in it; they are shown as awaiting a first response.';
const ownFirstReplyDoc =
  'From a ticket’s opening to this person’s own first reply in it, even when others replied before. Tickets handed over late make it longer.';
const durationDoc =
  'From opening to the last closing, of tickets that are closed now. Time that a ticket was closed before it was reopened is not taken off.';

export const metrics = {
  ticketsEver: {
    ...present,
    value: 'totalEver',
    unit: 'tickets',
    empty: 0,
    better: null,
    doc: 'Every ticket that was ever opened here: the highest ticket number given. Resetting numbers or deleting tickets does not change it.',
  },
  openTickets: {
    ...present,
    value: 'open',
    unit: 'tickets',
    empty: 0,
    better: null,
    doc: 'Tickets that are open now.',
  },
  closedTickets: {
    ...present,
    value: 'closed',
    unit: 'tickets',
    empty: 0,
    better: null,
    doc: 'Tickets that are closed now. A reopened ticket leaves the count until it is closed again.',
  },
  claimedTickets: {
    ...present,
    value: 'claimed',
    unit: 'tickets',
    empty: 0,
    better: null,
    doc: 'Open tickets that somebody has claimed. They are a part of the open tickets, not a third kind.',
  },
  openClaimed: {
    ...present,
    value: 'openClaimed',
    unit: 'tickets',
    empty: 0,
    better: null,
    doc: 'Open tickets that this person has claimed.',
  },
  awaitingFirstResponse: {
    ...present,
    value: 'awaitingFirstResponse',
    unit: 'tickets',
    empty: 0,
    better: 'lower',
    doc: 'Open tickets in which no member of staff has replied yet.',
  },
  oldestWaiting: {
    ...present,
    value: 'oldestWaitingS',
    unit: 's',
    empty: null,
    better: 'lower',
    doc: 'How long ago the oldest open ticket without a reply by staff was opened.',
  },
  closureRate: {
    ...present,
    value: 'closed / totalEver',
    unit: 'share',
    empty: null,
    better: 'higher',
    doc: 'Tickets closed now, of all tickets ever opened.',
  },

  ticketsOpened: {
    ...opened,
    value: 'count()',
    unit: 'tickets',
    empty: 0,
    better: null,
    doc: 'Tickets by the time they were opened, in UTC. A ticket that staff opened for somebody counts for that person.',
  },
  peakOpeningHour: {
    ...opened,
    value: 'count()',
    peak: 'hour',
    unit: 'hour',
    empty: null,
    better: null,
    doc: 'The hour of the day, in UTC, in which the most tickets were opened. Of equal hours the earlier one.',
  },
  ticketsClosed: {
    ...closed,
    value: 'count()',
    unit: 'tickets',
    empty: 0,
    better: null,
    doc: 'Tickets that this person opened and that are closed now.',
  },

  firstResponseMean: {
    ...firstResponse,
    value: 'avg(first_response_s)',
    unit: 's',
    empty: null,
    doc: firstResponseDoc,
  },
  firstResponseMedian: {
    ...firstResponse,
    value: 'quantileExactInclusive(0.5)(first_response_s)',
    unit: 's',
    empty: null,
    doc: `Half of the first responses were faster than this. ${firstResponseDoc}`,
  },
  firstResponseP90: {
    ...firstResponse,
    value: 'quantileExactInclusive(0.9)(first_response_s)',
    unit: 's',
    empty: null,
    doc: `Nine of ten first responses were faster than this. ${firstResponseDoc}`,
  },
  firstResponseCount: {
    ...firstResponse,
    value: 'count()',
    unit: 'tickets',
    empty: 0,
    better: null,
    doc: 'Tickets that got their first response in this time.',
  },

  ratingMean: {
    ...rated,
    value: 'avg(rating)',
    unit: 'stars',
    empty: null,
    doc: 'Mean of the stars that members gave, 1 to 5, counted on the day of the rating. Only the latest rating of a ticket counts.',
  },
  ratingCount: {
    ...rated,
    value: 'count()',
    unit: 'ratings',
    empty: 0,
    better: null,
    doc: 'Rated tickets. Only the latest rating of a ticket counts.',
  },

  durationMean: { ...closed, value: 'avg(duration_s)', unit: 's', empty: null, doc: durationDoc },
  durationMedian: {
    ...closed,
    value: 'quantileExactInclusive(0.5)(duration_s)',
    unit: 's',
    empty: null,
    doc: `Half of the tickets took less. ${durationDoc}`,
  },
  durationP90: {
    ...closed,
    value: 'quantileExactInclusive(0.9)(duration_s)',
    unit: 's',
    empty: null,
    doc: `Nine of ten tickets took less. ${durationDoc}`,
  },

  ticketsAnswered: {
    ...replied,
    value: 'uniqExact(ticket_id)',
    unit: 'tickets',
    empty: 0,
    better: 'higher',
    doc: 'Different tickets in which this person replied as staff in this time. Tickets that they opened themselves do not count.',
  },
  replies: {
    ...replied,
    value: 'count()',
    where: 'reply_no > 0',
    unit: 'replies',
    empty: 0,
    better: null,
    doc: 'Replies as staff. Several lines in a row, less than a minute apart and with nobody in between, are one reply.',
  },
  peakReplyHour: {
    ...replied,
    value: 'count()',
    where: 'reply_no > 0',
    peak: 'hour',
    unit: 'hour',
    empty: null,
    better: null,
    doc: 'The hour of the day, in UTC, in which this person replied most. Of equal hours the earlier one.',
  },
  ownFirstReplyMean: {
    ...ownFirstReply,
    value: 'avg(own_first_reply_s)',
    unit: 's',
    empty: null,
    doc: ownFirstReplyDoc,
  },
  ownFirstReplyMedian: {
    ...ownFirstReply,
    value: 'quantileExactInclusive(0.5)(own_first_reply_s)',
    unit: 's',
    empty: null,
    doc: `Half of the tickets got this person’s reply sooner. ${ownFirstReplyDoc}`,
  },
  ownFirstReplyP90: {
    ...ownFirstReply,
    value: 'quantileExactInclusive(0.9)(own_first_reply_s)',
    unit: 's',
    empty: null,
    doc: `Nine of ten tickets got this person’s reply sooner. ${ownFirstReplyDoc}`,
  },
  ownFirstReplyCount: {
    ...ownFirstReply,
    value: 'count()',
    unit: 'tickets',
    empty: 0,
    better: null,
    doc: 'Tickets in which this person replied for the first time in this time.',
  },
  claimedRatingMean: {
    ...ratedOwner,
    value: 'avg(rating)',
    unit: 'stars',
    empty: null,
    doc: 'Mean of the stars, 1 to 5, of tickets that this person had claimed when they were closed. Only the latest rating of a ticket counts.',
  },
  claimedRatingCount: {
    ...ratedOwner,
    value: 'count()',
    unit: 'ratings',
    empty: 0,
    better: null,
    doc: 'Rated tickets that this person had claimed when they were closed.',
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;
/** The declarations, or a variant of them. */
export type Metrics = Record<MetricName, Metric>;
