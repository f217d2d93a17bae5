import type { WindowDays } from '#analytics/query/types.ts';

export type { WindowDays };
/** Windows that a reader may choose, in days of 24 hours. */
export const windowDays: readonly WindowDays[] = [7, 30, 90];

/** The window in an address; anything that is none means the usual 30 days. */
export const parseDays = (value: unknown): WindowDays => windowDays.find((days) => days === Number(value)) ?? 30;
