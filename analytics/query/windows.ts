const hourMs = 3_600_000;
/** 24 hours; UTC days have no other length. */
export const dayMs = 24 * hourMs;

/** A stretch of time, in ms: `from` belongs to it (null = always), `to` does not. */
export type Window = { readonly from: number | null; readonly to: number };

/** The `days` × 24 hours before `now`. */
export const lastDays = (now: number, days: number): Window => ({ from: now - days * dayMs, to: now });

/** As long, just before. */
export const previousDays = (now: number, days: number): Window => ({
  from: now - 2 * days * dayMs,
  to: now - days * dayMs,
});

/** Everything before `now`. */
export const allTime = (now: number): Window => ({ from: null, to: now });

/** The last `days` UTC calendar days, today included as far as it has come. */
export const calendarDays = (now: number, days: number): Window & { from: number } => ({
  from: now - (now % dayMs) - (days - 1) * dayMs,
  to: now,
});

/** Names a series that begins at a UTC midnight with one value per day. */
export function daily<Key extends string>(
  key: Key,
  from: number,
  values: readonly (number | null)[],
): ({ at: string } & Record<Key, number>)[] {
  return values.map((value, i) => ({
    at: new Date(from + i * dayMs).toISOString(),
    ...({ [key]: value ?? 0 } as Record<Key, number>),
  }));
}
