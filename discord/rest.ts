import {
  DefaultRestOptions,
  DiscordAPIError,
  HTTPError,
  type InternalRequest,
  RateLimitError,
  REST,
  type RESTOptions,
  type ResponseLike,
} from '@discordjs/rest';
import type { Log } from '#runtime/log.ts';
import { retry } from '#runtime/retry.ts';
import { metrics } from '#runtime/telemetry.ts';
import { LimitedError, type Limiter, maxWaitMs, type Priority } from './limits.ts';
import { routeOf, withoutToken } from './route.ts';

/** How long Discord may take for one request before it is tried again. */
const timeoutMs = 15_000;
/** After a refused token nothing is sent for so long: each further try would count towards the ban, and mending takes a person. */
const refusedForMs = 30_000;

// Nothing was sent when a connection could not be made, so any request may be tried again.
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const wasNotSent = (error: unknown): boolean =>
  error instanceof Error && notSent.has((error as NodeJS.ErrnoException).code ?? '');

/** Errors of the library carry the request's body and address: message content and tokens, which must never reach a log. */
function withoutSecrets(error: unknown): unknown {
  if (error instanceof DiscordAPIError || error instanceof HTTPError) {
    Object.defineProperty(error, 'requestBody', { value: error.requestBody, enumerable: false });
    error.url = withoutToken(error.url);
  } else if (error instanceof RateLimitError) {
    error.url = withoutToken(error.url);
  }
  return error;
}

class QuietRest extends REST {
  /** The library forgets a token that was refused once (401) and sends nothing more until the process ends; here it is tried again. */
  override setToken(token: string | null): this {
    return token === null ? this : super.setToken(token);
  }

  override async queueRequest(request: InternalRequest): Promise<ResponseLike> {
    try {
      return await super.queueRequest(request);
    } catch (error) {
      throw withoutSecrets(error);
    }
  }
}

type Send = RESTOptions['makeRequest'];

const send: Send = async (url, init) => {
  const response = await retry({ attempts: 3, minMs: 100, maxMs: 1_000, when: wasNotSent }, () =>
    DefaultRestOptions.makeRequest(url, init),
  );
  metrics.restRequests.inc({ status: `${Math.floor(response.status / 100)}xx` });
  if (response.status === 429) {
    const route = routeOf(init.method ?? 'GET', url);
    metrics.restLimited.inc({ route, scope: response.headers.get('x-ratelimit-scope') ?? 'user' });
  }
  return response;
};

// https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans: 429s of a shared resource are free.
const isInvalid = (response: ResponseLike): boolean =>
  response.status === 401 ||
  response.status === 403 ||
  (response.status === 429 && response.headers.get('x-ratelimit-scope') !== 'shared');

/** Tells the shared row what an answer means for everybody. */
function tellOthers(limiter: Pick<Limiter, 'noteInvalid' | 'noteGlobal'>, response: ResponseLike): void {
  if (isInvalid(response)) limiter.noteInvalid();
  if (response.status !== 429 || !response.headers.has('x-ratelimit-global')) return;
  limiter.noteGlobal(Number(response.headers.get('retry-after') ?? 1) * 1_000);
}

const optionsOf = (o: { apiUrl: string; makeRequest: Send }): Partial<RESTOptions> => ({
  api: o.apiUrl,
  version: '10',
  timeout: timeoutMs,
  retries: 3,
  rejectOnRateLimit: ({ retryAfter, timeToReset }) => Math.max(retryAfter, timeToReset) > maxWaitMs,
  makeRequest: o.makeRequest,
});

/**
 * Discord's REST API with the bot's token, on the limit that all processes of that token share. `apiUrl` has no version
 * (addressesOf(…).api). Throws DiscordAPIError (an answer), HTTPError (5xx after 4 tries), and for waits over 3 s RateLimitError or
 * LimitedError: see `retryAfterMsOf`.
 */
export function createRest(o: {
  token: string;
  apiUrl: string;
  limiter: Limiter;
  log: Log;
  priority?: Priority;
}): REST {
  let refusedUntil = 0;
  const makeRequest: Send = async (url, init) => {
    const forMs = refusedUntil - performance.now();
    if (forMs > 0) throw new LimitedError(forMs);
    await o.limiter.acquire(o.priority ?? 'tickets');
    const response = await send(url, init);
    tellOthers(o.limiter, response);
    if (response.status === 401) {
      refusedUntil = performance.now() + refusedForMs;
      o.log.error('Discord refused the bot token: set DISCORD_TOKEN to the current one');
    }
    return response;
  };
  return new QuietRest(optionsOf({ apiUrl: o.apiUrl, makeRequest })).setToken(o.token);
}

/**
 * For interaction callbacks and interaction tokens: needs no bot token, counts in no shared limit, so it never waits in a queue. What is refused
 * counts towards the ban like everything else (a dead token is a 401).
 */
export function createCallbackRest(o: { apiUrl: string; limiter?: Limiter }): REST {
  const makeRequest: Send = async (url, init) => {
    const response = await send(url, init);
    if (o.limiter) tellOthers(o.limiter, response);
    return response;
  };
  return new QuietRest(optionsOf({ apiUrl: o.apiUrl, makeRequest }));
}

/** With the bot's token but without the shared limit: for what must work before a database does (`doctor`, reading the application). */
export function createPlainRest(o: { token: string; apiUrl: string }): REST {
  return new QuietRest(optionsOf({ apiUrl: o.apiUrl, makeRequest: send })).setToken(o.token);
}

/** When to come back after an error that says "not now"; null for every other error. Becomes a job's `run_at`. */
export function retryAfterMsOf(error: unknown): number | null {
  if (error instanceof LimitedError) return error.retryAfterMs;
  if (error instanceof RateLimitError) return Math.max(error.retryAfter, error.timeToReset, error.sublimitTimeout);
  return null;
}

/** Discord's error code of a refusal (10003, 50013, …), null for anything else: match on it, never on the text. */
export function discordCodeOf(error: unknown): number | null {
  return error instanceof DiscordAPIError && typeof error.code === 'number' ? error.code : null;
}
