import { createHash } from 'node:crypto';
import type { World } from '../state/world.ts';
import type { Reply, Route } from './route.ts';

// Discord does not publish its buckets; these are of the size that its answers showed.
const usualBucket = { limit: 10, perMs: 1_000 };
const renameWindowMs = 600_000;

export type RateLimits = ReturnType<typeof createRateLimits>;

/** The global limit, per-route buckets and the limit on renames of a channel. */
export function createRateLimits(world: World) {
  const buckets = new Map<string, { remaining: number; resetAt: number }>();
  const renames = new Map<string, number[]>();
  const names = new Map<Route, string>();
  let second = { from: 0, count: 0 };

  function nameOf(route: Route): string {
    let name = names.get(route);
    if (!name) names.set(route, (name = createHash('md5').update(`${route.method} ${route.path}`).digest('hex')));
    return name;
  }

  return {
    /** Answers the 429, or the headers that the answer will carry. */
    take(route: Route, params: Record<string, string>): { refusal: Reply | null; headers: Record<string, string> } {
      const now = Date.now();
      if (!route.isExempt) {
        if (now - second.from >= 1_000) second = { from: now, count: 0 };
        if (++second.count > world.limits.requestsPerSecond) {
          return { refusal: refuse((second.from + 1_000 - now) / 1_000, 'global', {}), headers: {} };
        }
      }
      // Interaction callbacks have no bucket at all.
      if (!world.limits.routeBuckets || (route.isExempt && !route.bucket)) return { refusal: null, headers: {} };
      const { limit, perMs } = route.bucket ?? usualBucket;
      const major = params.channelId ?? params.guildId ?? params.token ?? '';
      const key = `${nameOf(route)}:${major}`;
      let bucket = buckets.get(key);
      if (!bucket || bucket.resetAt <= now) {
        buckets.set(key, (bucket = { remaining: limit, resetAt: now + perMs }));
      }
      const isOver = bucket.remaining <= 0;
      if (!isOver) bucket.remaining--;
      const headers = {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(bucket.remaining),
        'x-ratelimit-reset': (bucket.resetAt / 1_000).toFixed(3),
        'x-ratelimit-reset-after': Math.max(0.001, (bucket.resetAt - now) / 1_000).toFixed(3),
        'x-ratelimit-bucket': nameOf(route),
      };
      return { refusal: isOver ? refuse((bucket.resetAt - now) / 1_000, 'user', headers) : null, headers };
    },
    /** A change of a channel's name or topic: two in ten minutes. Announced by no header, as at Discord. */
    takeRename(channelId: string): Reply | null {
      const now = Date.now();
      const recent = (renames.get(channelId) ?? []).filter((at) => at > now - renameWindowMs);
      if (recent.length >= world.limits.renamesPer10Min) {
        return refuse(((recent[0] ?? now) + renameWindowMs - now) / 1_000, 'user', {});
      }
      renames.set(channelId, [...recent, now]);
      return null;
    },
    /** Forgets what is over. */
    sweep(): void {
      const now = Date.now();
      for (const [key, { resetAt }] of buckets) if (resetAt <= now) buckets.delete(key);
      for (const [id, times] of renames) if ((times.at(-1) ?? 0) < now - renameWindowMs) renames.delete(id);
    },
    clear(): void {
      buckets.clear();
      renames.clear();
      second = { from: 0, count: 0 };
    },
  };
}

/** A 429 as Discord words it. */
export function refuse(
  retryAfterS: number,
  scope: 'user' | 'global' | 'shared',
  headers: Record<string, string>,
): Reply {
  const retry = Math.max(0.001, Number(retryAfterS.toFixed(3)));
  return {
    status: 429,
    body: { message: 'You are being rate limited.', retry_after: retry, global: scope === 'global' },
    headers: {
      ...headers,
      'retry-after': String(Math.ceil(retry)),
      'x-ratelimit-scope': scope,
      ...(scope === 'global' ? { 'x-ratelimit-global': 'true' } : { 'x-ratelimit-reset-after': String(retry) }),
    },
  };
}
