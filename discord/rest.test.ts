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
  else if (path.includes('/limited')) {
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

function counting(): Limiter & { acquired: number; invalid: number } {
  const counts = { acquired: 0, invalid: 0 };
  return Object.assign(counts, {
    acquire: async () => void (counts.acquired += 1),
    noteInvalid: () => void (counts.invalid += 1),
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
