/**
 * What the analytics page, `/stats` and the API show. Times are ISO texts, durations seconds, ids of Discord texts. `null` = no data: shown as
 * "not yet", never as 0. The previous window is the equally long one just before; deltas are computed where they are shown.
 */

/** Windows that a reader may choose, in days of 24 hours. */
export const windowDays = [7, 30, 90] as const;
export type WindowDays = (typeof windowDays)[number];

/** Seconds, side by side: one forgotten ticket ruins a mean. `count` is how many values they are made of. */
export type Duration = { mean: number | null; median: number | null; p90: number | null; count: number };

/** Stars: the latest rating of each ticket. */
export type Rating = { mean: number | null; count: number };

/** Tickets opened on one UTC day; `at` is its midnight. */
export type DayOpened = { at: string; opened: number };
/** Tickets answered on one UTC day. */
export type DayAnswered = { at: string; answered: number };

/** A server's figures. */
export type Overview = {
  now: string;
  days: WindowDays;
  tickets: {
    ever: number;
    /** When the first ticket was opened. */
    since: string | null;
    d7: number;
    d7Previous: number;
    d30: number;
    d30Previous: number;
  };
  status: {
    open: number;
    closed: number;
    /** A part of `open`. */
    claimed: number;
    awaitingFirstResponse: number;
    oldestWaitingS: number | null;
    /** Closed now / tickets ever, 0 to 1. */
    closureRate: number | null;
  };
  firstResponse: {
    window: Duration;
    previous: Duration;
    allTime: Duration;
    d7: Duration;
    d30: Duration;
    /** For each day of the window the mean of the 7 days that end with it. */
    trend: (number | null)[];
  };
  rating: {
    mean: number | null;
    count: number;
    previousMean: number | null;
    previousCount: number;
    allTimeMean: number | null;
    allTimeCount: number;
    /** Ratings of the window with 1, 2, 3, 4 and 5 stars. */
    stars: [number, number, number, number, number];
  };
  /** One entry per UTC day, oldest first, the last is today. */
  perDay: DayOpened[];
  perDayPrevious: DayOpened[];
  /** Newest first, today included. */
  lastFiveDays: DayOpened[];
  /** All time, the ten largest. A `null` panel is "no panel". `share` is of all tickets, 0 to 1. */
  panels: { panelId: number | null; name: string; opened: number; share: number }[];
  /** UTC hour with the most openings of the last 30 days. */
  peakHour: number | null;
  /** Openings of the last 30 days: seven weekdays, Monday first, of 24 UTC hours. */
  arrivals: number[][];
  /** How far the figures are behind the tickets. */
  lag: { seconds: number };
};

/** A person's figures as staff. */
export type StaffFigures = {
  answered: number;
  d7: number;
  d7Previous: number;
  d30: number;
  d30Previous: number;
  /** From a ticket's opening to this person's first reply in it; all time. */
  ownFirstReply: Duration;
  ownFirstReplyWindow: Duration;
  ownFirstReplyPrevious: Duration;
  peakHour: number | null;
  /** Replies by UTC hour, all time. */
  replyHours: number[];
  /** Open tickets claimed by this person now. */
  openClaimed: number;
  /** Over tickets whose claimer at the closing this person was. */
  rating: Rating;
  /** Distinct tickets replied to on each UTC day; the last is today. */
  perDay: DayAnswered[];
  perDayPrevious: DayAnswered[];
  /** Tickets answered by panel, all time, the ten largest. */
  panels: { panelId: number | null; name: string; answered: number; share: number }[];
};

/** A person's figures as a member who opens tickets. */
export type MemberFigures = {
  opened: number;
  d7: number;
  d7Previous: number;
  d30: number;
  d30Previous: number;
  /** Of those, closed now. */
  closed: number;
  /** From opening to the last closing, of tickets closed now; its figures are null without any. */
  duration: Duration;
  peakHour: number | null;
  /** Openings by UTC hour, all time. */
  openHours: number[];
  perDay: DayOpened[];
  /** Stars this person gave. */
  ratingGiven: Rating;
};

/** A person's figures. Both parts are there when the person is both; `view` says which one to show first. */
export type UserFigures = {
  /** Name and avatar are filled in by whoever knows Discord. */
  user: { id: string; name: string | null; avatarUrl: string | null };
  view: 'staff' | 'member';
  now: string;
  days: WindowDays;
  staff: StaffFigures | null;
  member: MemberFigures | null;
};
