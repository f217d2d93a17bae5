import { integer, readConfig } from './config.ts';

// An offset per process lets the fault tests prove that skewed clocks do no harm (design.md 9).
const { CLOCK_OFFSET_MS } = readConfig({
  CLOCK_OFFSET_MS: integer({
    min: -60_000,
    max: 60_000,
    default: 0,
    doc: 'milliseconds added to this process’s clock',
  }),
});

/** The time, in milliseconds since 1970 (UTC). */
export function now(): number {
  return Date.now() + CLOCK_OFFSET_MS;
}
