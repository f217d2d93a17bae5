import { type Static, Type } from 'typebox';
import { type Overview, type UserFigures, windowDays } from '#analytics/query/types.ts';
import { docketId, moment, nullable, snowflake } from './basic.ts';

const count = Type.Integer({ minimum: 0 });
const seconds = nullable(Type.Number({ minimum: 0 }));
const hour = nullable(Type.Integer({ minimum: 0, maximum: 23 }));
const share = Type.Number({ minimum: 0, maximum: 1 });
const duration = Type.Object({ mean: seconds, median: seconds, p90: seconds, count });
const stars = nullable(Type.Number({ minimum: 1, maximum: 5 }));
const days = Type.Enum([...windowDays]);
const opened = Type.Array(Type.Object({ at: moment, opened: count }));
const answered = Type.Array(Type.Object({ at: moment, answered: count }));
const hours = Type.Array(count, { minItems: 24, maxItems: 24 });
const windows = { d7: count, d7Previous: count, d30: count, d30Previous: count };
const rating = Type.Object({ mean: stars, count });
const panel = { panelId: nullable(docketId), name: Type.String(), share };

/** `?days=`: the window of everything below the filter bar. */
export const daysQuery = Type.Object({ days: Type.Optional(days) }, { additionalProperties: false });

/** A server's figures; seconds, counts and shares from 0 to 1. Null is "no data yet", never 0. */
export const overview = Type.Object({
  now: moment,
  days,
  tickets: Type.Object({ ever: count, since: nullable(moment), ...windows }),
  status: Type.Object({
    open: count,
    closed: count,
    claimed: count,
    awaitingFirstResponse: count,
    oldestWaitingS: seconds,
    closureRate: nullable(share),
  }),
  firstResponse: Type.Object({
    window: duration,
    previous: duration,
    allTime: duration,
    d7: duration,
    d30: duration,
    trend: Type.Array(seconds),
  }),
  rating: Type.Object({
    mean: stars,
    count,
    previousMean: stars,
    previousCount: count,
    allTimeMean: stars,
    allTimeCount: count,
    stars: Type.Tuple([count, count, count, count, count]),
  }),
  perDay: opened,
  perDayPrevious: opened,
  lastFiveDays: opened,
  panels: Type.Array(Type.Object({ ...panel, opened: count })),
  peakHour: hour,
  arrivals: Type.Array(hours, { minItems: 7, maxItems: 7 }),
  lag: Type.Object({ seconds: Type.Number() }),
});

/** A person's figures; both parts are there for somebody who is both. */
export const userFigures = Type.Object({
  user: Type.Object({ id: snowflake, name: nullable(Type.String()), avatarUrl: nullable(Type.String()) }),
  view: Type.Enum(['staff', 'member']),
  now: moment,
  days,
  staff: nullable(
    Type.Object({
      answered: count,
      ...windows,
      ownFirstReply: duration,
      ownFirstReplyWindow: duration,
      ownFirstReplyPrevious: duration,
      peakHour: hour,
      replyHours: hours,
      openClaimed: count,
      rating,
      perDay: answered,
      perDayPrevious: answered,
      panels: Type.Array(Type.Object({ ...panel, answered: count })),
    }),
  ),
  member: nullable(
    Type.Object({
      opened: count,
      ...windows,
      closed: count,
      duration,
      peakHour: hour,
      openHours: hours,
      perDay: opened,
      ratingGiven: rating,
    }),
  ),
});

// The answers are exactly what analytics/query gives: a field that one side lacks does not compile.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const isSame: [Same<Static<typeof overview>, Overview>, Same<Static<typeof userFigures>, UserFigures>] = [true, true];
void isSame;
