import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClickhouse } from '#analytics/clickhouse/client.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import type { Pool } from '#runtime/postgres.ts';
import { type Browser, type Fixture, newId, startFixture } from './fixture.ts';
import { openedTicket } from './fixture-tickets.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let f: Fixture;
let guild: { id: string; ownerId: string };
let owner: Browser;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client });
  guild = await f.addGuild();
  owner = await f.signIn(guild.ownerId, [guild.id]);
});
afterAll(() => f.app.close());

describe('the web app', () => {
  it.each(['/', '/dashboard', '/dashboard/1/analytics?days=7'])('answers %s with its page', async (path) => {
    const answer = await f.get(path);
    expect([answer.statusCode, answer.body]).toEqual([200, '<!doctype html><title>Docket</title>']);
    expect(answer.headers['cache-control']).toBe('no-cache');
  });

  it('serves files, those with a hash in their name for ever', async () => {
    const answer = await f.get('/assets/app-1a2b.js');
    expect([answer.statusCode, answer.body]).toEqual([200, 'export {};']);
    expect(answer.headers['cache-control']).toContain('immutable');
  });

  it.each(['/api', '/api/nothing', '/assets/gone.js', '/gone.png', '/%zz'])(
    'never answers %s with a page',
    async (path) => {
      const answer = await f.get(path);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'route.unknown']);
    },
  );

  it.each(['/../secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/assets/..%5c..%5csecret.txt'])(
    'stays in its folder for %s',
    async (path) => {
      const answer = await f.get(path);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'route.unknown']);
    },
  );

  it('is not missed by the API', async () => {
    const bare = await startFixture({ pool, url, clickhouse: client });
    rmSync(bare.deps.webDir, { recursive: true });
    expect((await bare.get('/')).statusCode).toBe(404);
    expect((await bare.get('/api/session')).statusCode).toBe(200);
    await bare.app.close();
    const never = await startFixture({
      pool,
      url,
      clickhouse: client,
      webDir: join(tmpdir(), 'docket-no-such-folder', 'dist'),
    });
    expect((await never.get('/')).statusCode).toBe(404);
    await never.app.close();
  });
});

describe('headers', () => {
  it.each(['/', '/api/session', '/api/guilds', '/nothing.js'])('guard %s', async (path) => {
    const { headers } = await f.get(path);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' });
  });

  it('keep answers out of every cache, and say https only where it is', async () => {
    expect((await f.get('/api/session')).headers['cache-control']).toBe('no-store');
    expect((await f.get('/')).headers).not.toHaveProperty('strict-transport-security');
    const safe = await startFixture({ pool, url, clickhouse: client, publicUrl: 'https://docket.test' });
    expect((await safe.get('/')).headers).toHaveProperty('strict-transport-security');
    await safe.app.close();
  });
});

describe('what goes wrong', () => {
  it('is a problem that names its reference, and stands in the log once', async () => {
    const lines: string[] = [];
    const broken: Pool = { ...pool, query: () => Promise.reject(new Error('a secret inside')) };
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const other = await startFixture({ pool: broken, url, clickhouse: client, log });
    const answer = await other.get('/api/session', owner);
    await other.app.close();
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const { reference, title, ...rest } = answer.json();
    expect(rest).toEqual({ type: 'about:blank', status: 500, code: 'unexpected' });
    expect(title).toContain(reference);
    expect(answer.body).not.toContain('secret');
    const errors = lines.filter((line) => line.includes('request failed'));
    expect(errors).toHaveLength(1);
    expect(JSON.parse(errors[0] ?? '')).toMatchObject({ reference, err: { message: 'a secret inside' } });
  });

  it('is not logged when it was expected', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const other = await startFixture({ pool, url, clickhouse: client, log });
    await other.get('/api/guilds');
    await other.get('/api/guilds/12', owner);
    await other.app.close();
    expect(lines).toEqual([]);
  });

  it('stays with the figures when ClickHouse is gone', async () => {
    const gone = createClickhouse({ url: 'http://127.0.0.1:9', database: 'docket' });
    const other = await startFixture({ pool, url, clickhouse: gone });
    other.discord.join(guild.id, guild.ownerId);
    const answer = await other.get(`/api/guilds/${guild.id}/analytics/overview`, owner);
    expect([answer.statusCode, answer.json()]).toMatchObject([
      503,
      { code: 'analytics.unavailable', reference: expect.stringMatching(/^[0-9a-f]{10}$/) },
    ]);
    expect((await other.get(`/api/guilds/${guild.id}/tickets`, owner)).statusCode).toBe(200);
    await other.app.close();
    await gone.close();
  });

  it.each([
    ['too large', 'application/json', JSON.stringify({ welcomeMessage: 'x'.repeat(70_000) }), 413, 'request.too-large'],
    ['of another kind', 'text/csv', 'a,b', 415, 'request.media-type'],
    ['not JSON', 'application/json', '{"a":', 400, 'request.invalid'],
    ['a trap', 'application/json', '{"__proto__":{"a":1}}', 400, 'request.invalid'],
  ])('is said of a body that is %s', async (_, type, payload, status, code) => {
    const headers = { cookie: owner.cookie, 'x-csrf-token': owner.csrf, 'content-type': type };
    const answer = await f.app.inject({ method: 'PATCH', url: `/api/guilds/${guild.id}/settings`, headers, payload });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });
});

describe('figures', () => {
  it('count what Postgres knows now', async () => {
    const busy = await f.addGuild();
    const browser = await f.signIn(busy.ownerId, [busy.id]);
    await openedTicket(f, busy.id);
    const answer = await f.get(`/api/guilds/${busy.id}/analytics/overview`, browser);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      days: 30,
      tickets: { ever: 1 },
      status: { open: 1, closed: 0, awaitingFirstResponse: 1 },
    });
    expect(answer.json().perDay).toHaveLength(30);
    const week = await f.get(`/api/guilds/${busy.id}/analytics/overview?days=7`, browser);
    expect(week.json().perDay).toHaveLength(7);
  });

  it.each(['8', 'all', ''])('have no window of "%s" days', async (days) => {
    const answer = await f.get(`/api/guilds/${guild.id}/analytics/overview?days=${days}`, owner);
    expect([answer.statusCode, answer.json().errors[0].field]).toEqual([400, 'days']);
  });

  it('are not made up for somebody who never opened or answered a ticket', async () => {
    const answer = await f.get(`/api/guilds/${guild.id}/analytics/users/${newId()}`, owner);
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'user.unknown']);
  });
});

describe('a guild', () => {
  it('is described with what it has', async () => {
    const answer = await f.get(`/api/guilds/${guild.id}`, owner);
    expect(answer.json()).toEqual({
      id: guild.id,
      name: 'Guild',
      iconUrl: null,
      memberCount: 5,
      level: 'admin',
      staffCount: 0,
      panelCount: 0,
      ticketCount: 0,
      openTicketCount: 0,
    });
  });
});

describe('the description', () => {
  it('names every route with its parameters, body and answers', async () => {
    const { openapi, paths } = (await f.get('/api/openapi.json')).json();
    expect(openapi).toBe('3.1.0');
    for (const [path, methods] of Object.entries<Record<string, Record<string, object>>>(paths)) {
      for (const [method, route] of Object.entries(methods)) {
        expect([path, route.summary]).toEqual([path, expect.any(String)]);
        expect([path, Object.keys(route.responses ?? {})]).toEqual([
          path,
          expect.arrayContaining([expect.any(String)]),
        ]);
        if (path.includes('{')) expect([path, route.parameters]).toEqual([path, expect.any(Array)]);
        if (method === 'patch') expect(route).toHaveProperty('requestBody');
      }
    }
  });
});
