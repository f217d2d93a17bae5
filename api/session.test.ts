import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { type Fixture, newId, startFixture } from './fixture.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();
const start = Date.now();

let f: Fixture;
let now = start;

beforeAll(async () => {
  f = await startFixture({ pool, url, clickhouse: client, now: () => now });
});
afterAll(() => f.app.close());

const signOut = (cookie: string, csrf: string) =>
  f.app.inject({ method: 'POST', url: '/api/sign-out', headers: { cookie, 'x-csrf-token': csrf } });

describe('a session', () => {
  it('says who is signed in and what changes must carry', async () => {
    const userId = newId();
    const browser = await f.signIn(userId);
    expect((await f.get('/api/session', browser)).json()).toEqual({
      user: { id: userId, name: `user-${userId}`, avatarUrl: null },
      csrf: browser.csrf,
      signIn: 'off',
    });
  });

  it('names whom a newcomer may be, to strangers only', async () => {
    const people = [{ id: newId(), name: 'Owner', guildName: 'Demo', role: 'owner' }];
    const local = await startFixture({ pool, url, clickhouse: client, people: () => people });
    expect((await local.get('/api/session')).json()).toEqual({ user: null, csrf: null, signIn: 'off', people });
    expect((await local.get('/api/session', await local.signIn(newId()))).json()).not.toHaveProperty('people');
    await local.app.close();
  });

  it.each([undefined, 'docket=', 'docket=nonsense', `docket=${'x'.repeat(5_000)}`])(
    'is nobody for the cookie %s',
    async (cookie) => {
      const answer = await f.app.inject({ url: '/api/session', headers: cookie === undefined ? {} : { cookie } });
      expect(answer.json()).toEqual({ user: null, csrf: null, signIn: 'off' });
    },
  );

  it('ends when it is signed out, everywhere', async () => {
    const { cookie, csrf } = await f.signIn(newId());
    const refused = await signOut(cookie, 'wrong');
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'csrf.refused']);
    const answer = await signOut(cookie, csrf);
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([204, expect.stringContaining('docket=;')]);
    expect((await f.get('/api/session', { cookie, csrf })).json().user).toBeNull();
    expect((await signOut(cookie, csrf)).statusCode).toBe(401);
  });

  it('ends by itself', async () => {
    const browser = await f.signIn(newId());
    now = start + 3_600_001;
    expect((await f.get('/api/guilds', browser)).statusCode).toBe(401);
    now = start;
    expect((await f.get('/api/guilds', browser)).statusCode).toBe(200);
  });

  it('is not found by what the database keeps of it', async () => {
    const { cookie, csrf } = await f.signIn(newId());
    const rows = (await pool.pg.query<{ hash: Buffer }>('select hash from session')).rows;
    for (const { hash } of rows) {
      const stolen = `docket=${hash.toString('base64url')}`;
      expect((await f.get('/api/session', { cookie: stolen, csrf })).json().user).toBeNull();
    }
    expect(JSON.stringify(rows)).not.toContain(cookie.slice('docket='.length));
  });
});

describe('without a client secret', () => {
  it('signing in says why it is off, to programs and to people', async () => {
    const answer = await f.get('/api/sign-in');
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'sign-in.off']);
    const page = await f.app.inject({ url: '/api/sign-in', headers: { accept: 'text/html' } });
    expect([page.statusCode, page.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
    expect((await f.get('/api/sign-in/callback?code=x&state=y')).statusCode).toBe(503);
  });
});
