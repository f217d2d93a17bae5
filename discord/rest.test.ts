import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DiscordAPIError, RateLimitError } from '@discordjs/rest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import type { Limiter } from './limits.ts';
import { createCallbackRest, createRest, discordCodeOf, retryAfterMsOf } from './rest.ts';

const log = createLog({ role: 'test', level: 'silent' });
const server = createServer((request, response) => {
  const path = request.url ?? '';
  const json = { 'content-type': 'application/json' };
  if (path.includes('/forbidden')) response.writeHead(403, json).end('{"code":50013,"message":"Missing Permissions"}');
  else if (path.includes('/unauthorized')) response.writeHead(401, json).end('{"code":0,"message":"401"}');
  else if (path.includes('/global')) {
    const headers = { ...json, 'retry-after': '8', 'x-ratelimit-scope': 'global', 'x-ratelimit-global': 'true' };
    response.writeHead(429, headers).end('{"retry_after":8,"global":true}');
  } else if (path.includes('/spent')) {
    const headers = { 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '60' };
    response.writeHead(200, { ...json, ...headers }).end('{}');
  } else if (path.includes('/limited')) {
    response.writeHead(429, { ...json, 'retry-after': '60', 'x-ratelimit-scope': 'user' }).end('{"retry_after":60}');
  } else if (path.includes('/shared')) {
    response.writeHead(429, { ...json, 'retry-after': '60', 'x-ratelimit-scope': 'shared' }).end('{"retry_after":60}');
  } else response.writeHead(200, json).end(JSON.stringify({ authorization: request.headers.authorization ?? null }));
});
let apiUrl = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function counting(): Limiter & { acquired: number; invalid: number; global: number[] } {
  const counts = { acquired: 0, invalid: 0, global: [] as number[] };
  return Object.assign(counts, {
    acquire: async () => void (counts.acquired += 1),
    noteInvalid: () => void (counts.invalid += 1),
    noteGlobal: (forMs: number) => void counts.global.push(forMs),
  });
}

test('every request takes a lease and carries the token', async () => {
  const limiter = counting();
  const rest = createRest({ token: 'secret', apiUrl, limiter, log });
  expect(await rest.get('/users/@me')).toEqual({ authorization: 'Bot secret' });
  expect(limiter.acquired).toBe(1);
});

test('refusals are counted; a 429 over a shared resource is free; long waits are rescheduled', async () => {
  const limiter = counting();
  const rest = createRest({ token: 'secret', apiUrl, limiter, log });
  const forbidden = await rest.get('/forbidden').catch((error: unknown) => error);
  expect([discordCodeOf(forbidden), retryAfterMsOf(forbidden)]).toEqual([50013, null]);
  expect(limiter.invalid).toBe(1);
  const limited = await rest.get('/limited').catch((error: unknown) => error);
  expect(limited).toBeInstanceOf(RateLimitError);
  expect(retryAfterMsOf(limited)).toBeGreaterThanOrEqual(60_000);
  expect(limiter.invalid).toBe(2);
  await rest.get('/shared').catch(() => undefined);
  expect(limiter.invalid).toBe(2);
});

test('an error that reaches a log holds neither the body nor an interaction’s token', async () => {
  const rest = createCallbackRest({ apiUrl });
  const request = rest.post('/webhooks/123456789012345678/very-secret/forbidden', {
    auth: false,
    body: { content: 'very private' },
  });
  const error = await request.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DiscordAPIError);
  const lines: string[] = [];
  const line = { ...(error as object), message: (error as Error).message, stack: (error as Error).stack };
  lines.push(JSON.stringify(line));
  expect(lines.join()).not.toMatch(/very-secret|very private/);
});

test('a spent route rejects without being asked again, and others go on', async () => {
  const limiter = counting();
  const rest = createRest({ token: 'secret', apiUrl, limiter, log });
  await rest.get('/spent');
  const error = await rest.get('/spent').catch((caught: unknown) => caught);
  expect(retryAfterMsOf(error)).toBeGreaterThan(50_000);
  expect(limiter.acquired).toBe(1);
  await expect(rest.get('/users/@me')).resolves.toBeDefined();
});

test('a global 429 is told to every process', async () => {
  const limiter = counting();
  const rest = createRest({ token: 'secret', apiUrl, limiter, log });
  const error = await rest.get('/global').catch((caught: unknown) => caught);
  expect(retryAfterMsOf(error)).toBeGreaterThanOrEqual(7_900);
  expect(limiter.global).toEqual([8_000]);
});

test('a refused token is tried again later, not forgotten and not hammered', async () => {
  const limiter = counting();
  const rest = createRest({ token: 'secret', apiUrl, limiter, log });
  await rest.get('/unauthorized').catch(() => undefined);
  const error = await rest.get('/users/@me').catch((caught: unknown) => caught);
  expect(retryAfterMsOf(error)).toBeGreaterThan(25_000);
  expect([limiter.acquired, limiter.invalid]).toEqual([1, 1]);
});

test('what is refused to an interaction’s token counts, and waits for nobody', async () => {
  const limiter = counting();
  const rest = createCallbackRest({ apiUrl, limiter });
  await rest.get('/forbidden', { auth: false }).catch(() => undefined);
  expect([limiter.acquired, limiter.invalid]).toEqual([0, 1]);
});
