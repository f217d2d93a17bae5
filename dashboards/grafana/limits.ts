/**
 * Where a figure stops being good, for the lines in charts and the rules of alerts alike. Seconds, shares from 0 to 1, rows. What has a budget in the
 * house plan carries the budget's number; the rest is what a healthy installation of any size stays well below.
 */
export const limits = {
  /** Budget: interactions are acknowledged within this, p99. */
  ackS: 0.3,
  /** Discord drops an interaction after 3 s; this leaves time for the answer's way. */
  ackLateS: 2.5,
  /** Budget: a ticket's change is in the figures within this. */
  delayS: 2,
  delayAlertS: 60,
  heartbeatS: 1,
  unfinished: 5_000,
  /** Below this share of the day's IDENTIFYs a few more lost sessions could leave shards dark until the reset. */
  identifyShare: 0.2,
  /** What all processes of a token may send per second; Discord's own limit is 50. */
  restPerS: 45,
  restWaitS: 1,
  limitedPerS: 0.1,
  failedShare: 0.02,
  refusedShare: 0.1,
  jobsDue: 1_000,
  outboxRows: 50_000,
  lagMessages: 100_000,
  ingestStepS: 5,
  apiS: 1,
  eventLoopS: 0.5,
} as const;
