import type { Limits as ControlLimits } from './client.ts';

/** Discord's numbers, as documented at https://discord.com/developers/docs; tests lower them. */
export type Limits = ControlLimits;

export const defaultLimits: Limits = {
  channelsPerGuild: 500,
  channelsPerCategory: 50,
  overwritesPerChannel: 1_000,
  activeThreadsPerGuild: 1_000,
  rolesPerGuild: 250,
  requestsPerSecond: 50,
  renamesPer10Min: 2,
  routeBuckets: true,
  acknowledgeWithinMs: 3_000,
  tokenLifeMs: 15 * 60_000,
  maxConcurrency: 1,
  identifyWindowMs: 5_000,
  sessionStarts: 1_000,
  guildsPerShard: 2_500,
  recommendedShards: 0,
  heartbeatIntervalMs: 41_250,
  sessionTimesOutAfterMs: 82_500,
  resumeWithinMs: 5 * 60_000,
  gatewayCommandsPerMinute: 120,
};
