import type { APIGatewayBotInfo, APIGatewaySessionStartLimit } from 'discord-api-types/v10';
import type { Log } from '#runtime/log.ts';
import { retry, waitMs } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';

/** Discord counts 5 s; half a second more, because its clock starts when the message arrives there. */
export const identifyWindowMs = 5_500;
// A process that slept past its slot (a stalled event loop) may meet the next slot's owner: it takes a new one.
const maxLateMs = 300;
// Other processes identify too: what Discord said is left is asked again this long before a slot, and believed for half a minute.
const askBeforeMs = 10_000;
const knownForMs = 30_000;
const askAgainMs = 1_000;
/** Below this share of the day's IDENTIFYs somebody should look. */
const alertBelow = 0.2;

/** Paces IDENTIFYs over all pods of a bot. */
export type IdentifyOptions = {
  /** Reserves the next slot of a bucket, for everybody alike, and returns the milliseconds until it. */
  reserve: (bucket: number) => Promise<number>;
  /** How many IDENTIFYs are left today; other processes use them too. */
  readGateway: () => Promise<APIGatewayBotInfo>;
  gateway: APIGatewayBotInfo;
  log: Log;
};

/**
 * How many of the day's IDENTIFYs are never used. One beyond the limit resets the bot's token and ends all its sessions
 * (https://discord.com/developers/docs/events/gateway#session-start-limit-object), and what is left is known a moment late: every bucket
 * may have one under way. 2 % on top; never more than half.
 */
export function keptBack(limit: Pick<APIGatewaySessionStartLimit, 'total' | 'max_concurrency'>): number {
  return Math.min(Math.ceil(limit.total / 50) + limit.max_concurrency, Math.floor(limit.total / 2));
}

/**
 * Returns what waits until a shard may IDENTIFY. Shards with the same number modulo max_concurrency share a bucket. The last of the day's
 * budget is kept back; a RESUME needs none and goes on. It throws only when the signal is aborted: after any other error @discordjs/ws
 * would identify anyway.
 */
export function createIdentifyQueue(o: IdentifyOptions): (shardId: number, signal: AbortSignal) => Promise<void> {
  let limit = o.gateway.session_start_limit;
  let askedAt = performance.now();
  let asking: Promise<void> | undefined;
  let renewing: NodeJS.Timeout | undefined;

  const note = (answer: APIGatewaySessionStartLimit): void => {
    limit = answer;
    askedAt = performance.now();
    metrics.identifyBudget.set({ of: 'total' }, limit.total);
    metrics.identifyBudget.set({ of: 'remaining' }, limit.remaining);
    metrics.identifyBudget.set({ of: 'reset' }, limit.reset_after / 1_000);
    // Nobody asks again before the next IDENTIFY, which may be weeks away; until then a low number of that day would go on alarming.
    clearTimeout(renewing);
    renewing = setTimeout(
      () => metrics.identifyBudget.set({ of: 'remaining' }, limit.total),
      limit.reset_after,
    ).unref();
  };
  note(limit);
  /** Asks Discord, once for all who wait; a failure is logged and leaves what is known. */
  const ask = (): Promise<void> =>
    (asking ??= o
      .readGateway()
      .then(
        (answer) => note(answer.session_start_limit),
        (err: unknown) => o.log.warn({ err }, 'the budget of IDENTIFYs could not be read'),
      )
      .finally(() => {
        asking = undefined;
      }));
  const isKnown = (): boolean => performance.now() - askedAt < knownForMs;

  /** Resolves when at least one more may be sent. */
  const allowance = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      while (!isKnown()) {
        await ask();
        if (!isKnown()) await waitMs(askAgainMs, signal);
      }
      if (limit.remaining > keptBack(limit)) return;
      const refusal = limit;
      const { remaining, total, reset_after: resetAfterMs } = refusal;
      o.log.error({ remaining, total, resetAfterMs }, 'no IDENTIFY can be spared; waiting for Discord to allow more');
      await waitMs(Math.min(resetAfterMs, 60_000), signal);
      if (limit === refusal) askedAt = Number.NEGATIVE_INFINITY; // else somebody else has asked meanwhile
    }
  };
  const patiently = (signal: AbortSignal) => ({
    attempts: Number.POSITIVE_INFINITY,
    minMs: 250,
    maxMs: 10_000,
    signal,
    onRetry: (err: unknown) => o.log.warn({ err }, 'slot for IDENTIFY could not be had'),
  });

  return async (shardId, signal) => {
    for (;;) {
      await allowance(signal);
      const inMs = await retry(patiently(signal), () => o.reserve(shardId % limit.max_concurrency));
      const dueAt = performance.now() + inMs;
      await waitMs(Math.max(0, inMs - askBeforeMs), signal);
      if (performance.now() - askedAt > askBeforeMs) void ask(); // does not reject
      await waitMs(Math.max(0, dueAt - performance.now()), signal);
      const isLate = performance.now() - dueAt > maxLateMs;
      if (isLate || !isKnown() || limit.remaining <= keptBack(limit)) continue;
      limit = { ...limit, remaining: limit.remaining - 1 };
      metrics.identifyBudget.set({ of: 'remaining' }, limit.remaining);
      const { remaining, total, reset_after: resetAfterMs } = limit;
      if (remaining < total * alertBelow)
        o.log.error({ remaining, total, resetAfterMs }, 'few IDENTIFYs are left: find out why sessions are lost');
      return;
    }
  };
}
