import type { APIGatewayBotInfo } from 'discord-api-types/v10';
import type { Log } from '#runtime/log.ts';
import { retry, waitMs } from '#runtime/retry.ts';

/** Discord counts 5 s; half a second more, because its clock starts when the message arrives there. */
export const identifyWindowMs = 5_500;
// A process that slept past its slot (a stalled event loop) may meet the next slot's owner: it takes a new one.
const maxLateMs = 300;

/** Paces IDENTIFYs over all pods of a bot. */
export type IdentifyOptions = {
  /** Reserves the next slot of a bucket, for everybody alike, and returns the milliseconds until it. */
  reserve: (bucket: number) => Promise<number>;
  /** How many IDENTIFYs are left today; asked again when the ones known of are spent. */
  readGateway: () => Promise<APIGatewayBotInfo>;
  gateway: APIGatewayBotInfo;
  log: Log;
};

/**
 * Returns what waits until a shard may IDENTIFY. Shards with the same number modulo max_concurrency share a bucket. It throws only when the
 * signal is aborted: after any other error @discordjs/ws would identify anyway.
 */
export function createIdentifyQueue(o: IdentifyOptions): (shardId: number, signal: AbortSignal) => Promise<void> {
  let limit = o.gateway.session_start_limit;
  const patiently = (signal: AbortSignal) => ({
    attempts: Number.POSITIVE_INFINITY,
    minMs: 250,
    maxMs: 10_000,
    signal,
    onRetry: (err: unknown) => o.log.warn({ err }, 'slot for IDENTIFY could not be had'),
  });
  const allowance = async (signal: AbortSignal): Promise<void> => {
    while (limit.remaining <= 0) {
      limit = await retry(patiently(signal), async () => (await o.readGateway()).session_start_limit);
      if (limit.remaining > 0) break;
      // Identifying beyond the limit resets the bot's token: waiting is the lesser evil.
      o.log.error({ resetAfterMs: limit.reset_after }, 'no IDENTIFY is left; waiting for Discord to allow more');
      await waitMs(Math.min(limit.reset_after, 60_000), signal);
    }
    limit = { ...limit, remaining: limit.remaining - 1 };
  };
  return async (shardId, signal) => {
    await allowance(signal);
    for (;;) {
      const inMs = await retry(patiently(signal), () => o.reserve(shardId % limit.max_concurrency));
      const dueAt = performance.now() + inMs;
      await waitMs(inMs, signal);
      if (performance.now() - dueAt <= maxLateMs) return;
    }
  };
}
