import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressesOf } from '#discord/addresses.ts';
import { createPlainRest } from '#discord/rest.ts';
import { createLog } from '#runtime/log.ts';
import { type Simulator, startSimulator } from '#simulator/server.ts';
import { testClickhouse } from '#test/harness/clickhouse.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { upsertGuild } from '#tickets/store/guild.ts';
import { type ApiDeps } from './server.ts';
import { type Fixture, newId, startFixture } from './fixture.ts';

const { pool, url } = await testDatabase();
const { client } = await testClickhouse();

let simulator: Simulator;
let f: Fixture;
let ownerId: string;
let guildId: string;

const start = (o: Partial<ApiDeps> = {}): Promise<Fixture> => {
  const addresses = addressesOf(simulator.api);
  const rest = createPlainRest({ token: simulator.token, apiUrl: addresses.api });
  const discord = { addresses, clientId: simulator.applicationId, clientSecret: simulator.clientSecret };
  return startFixture({ pool, url, clickhouse: client, rest, discord, ...o });
};

beforeAll(async () => {
  const log = createLog({ role: 'test', level: 'silent' });
  simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, log });
  const [guild] = simulator.guilds;
  if (!guild) throw new Error('the simulator has no guild');
  ({ id: guildId, ownerId } = guild);
  await upsertGuild(pool, guildId, { name: 'Simulated', ownerId, iconHash: null, memberCount: 12, locale: 'en-US' });
  f = await start();
});
afterAll(async () => {
  await f.app.close();
  await simulator.close();
});

type Jar = Record<string, string>;
const cookieOf = (jar: Jar): string =>
  Object.entries(jar)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');

/** A browser on one server: keeps cookies, follows nothing by itself. */
function browserOf(server: Fixture, jar: Jar = {}) {
  const open = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await server.app.inject({ url: path, headers: { cookie: cookieOf(jar), ...headers } });
    for (const { name, value } of answer.cookies) jar[name] = value;
    return answer;
  };
  return {
    jar,
    open,
    /** Goes to Discord and chooses who to be; returns the path on which Discord sends back. */
    async consent(userId: string, next?: string): Promise<string> {
      const query = next === undefined ? '' : `?next=${encodeURIComponent(next)}`;
      const { headers } = await open(`/api/sign-in${query}`);
      const answer = await fetch(`${String(headers.location)}&user_id=${userId}`, { redirect: 'manual' });
      const back = new URL(answer.headers.get('location') ?? '');
      return `${back.pathname}${back.search}`;
    },
    user: async () => (await open('/api/session')).json().user as { id: string } | null,
  };
}

describe('signing in', () => {
  it('asks Discord with a state and a challenge, and keeps both in a cookie that scripts cannot read', async () => {
    const answer = await f.get('/api/sign-in');
    const to = new URL(String(answer.headers.location));
    expect(answer.statusCode).toBe(302);
    expect(`${to.origin}${to.pathname}`).toBe(addressesOf(simulator.api).oauthAuthorize);
    expect(Object.fromEntries(to.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: simulator.applicationId,
      redirect_uri: 'http://docket.test/api/sign-in/callback',
      scope: 'identify guilds',
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect(answer.cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/api/sign-in', maxAge: 600 });
    expect(answer.body).not.toContain(simulator.clientSecret);
  });

  it('ends where it was asked to, signed in, with the guilds of that person', async () => {
    const browser = browserOf(f);
    const answer = await browser.open(await browser.consent(ownerId, `/dashboard/${guildId}?days=7`));
    expect([answer.statusCode, answer.headers.location]).toEqual([302, `/dashboard/${guildId}?days=7`]);
    expect(answer.cookies.find(({ name }) => name === 'docket')).toMatchObject({
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
    });
    expect(answer.cookies.some(({ secure }) => secure)).toBe(false);
    expect(await browser.user()).toMatchObject({ id: ownerId });
    expect((await browser.open('/api/guilds')).json().guilds).toEqual([
      { id: guildId, name: 'Simulated', iconUrl: null, memberCount: 13, level: 'admin' },
    ]);
    expect((await browser.open(`/api/guilds/${guildId}`)).statusCode).toBe(200);
  });

  it("begins at the machine's name that Discord will send back to", async () => {
    const local = await start({ publicUrl: 'http://localhost:3000' });
    const from = (host: string) => local.app.inject({ url: '/api/sign-in?next=/dashboard/1', headers: { host } });
    expect((await from('127.0.0.1:3000')).headers.location).toBe('http://localhost:3000/api/sign-in?next=/dashboard/1');
    for (const host of ['localhost:3000', 'evil.example', 'proxy.internal:80']) {
      expect((await from(host)).headers.location).toContain(simulator.api.replace('/api', '/oauth2/authorize'));
    }
    await local.app.close();
  });

  it('makes a plain member nobody in particular', async () => {
    const memberId = simulator.guilds[0]?.memberIds.find((id) => id !== ownerId) ?? '';
    const browser = browserOf(f);
    await browser.open(await browser.consent(memberId));
    expect(await browser.user()).toMatchObject({ id: memberId });
    expect((await browser.open('/api/guilds')).json()).toEqual({ guilds: [] });
    expect((await browser.open(`/api/guilds/${guildId}`)).statusCode).toBe(403);
  });

  it('marks cookies for https only where Docket is reached by https', async () => {
    const safe = await start({ publicUrl: 'https://docket.test' });
    const browser = browserOf(safe);
    const answer = await browser.open(await browser.consent(ownerId));
    expect(answer.cookies.map(({ name, secure }) => [name, secure])).toEqual(
      expect.arrayContaining([['__Host-docket', true]]),
    );
    expect(await browser.user()).toMatchObject({ id: ownerId });
    await safe.app.close();
  });
});

describe('refused', () => {
  const refusal = async (browser: ReturnType<typeof browserOf>, path: string) => {
    const answer = await browser.open(path);
    const { docket } = browser.jar;
    return [answer.statusCode, answer.json().code, docket];
  };

  it('is an answer that this browser did not ask for: no attempt, or the state of another', async () => {
    const [mine, theirs] = [browserOf(f), browserOf(f)];
    const theirPath = await theirs.consent(ownerId);
    expect(await refusal(browserOf(f), theirPath)).toEqual([400, 'sign-in.state', undefined]);
    await mine.consent(ownerId);
    expect(await refusal(mine, theirPath)).toEqual([400, 'sign-in.state', undefined]);
    expect(await refusal(mine, '/api/sign-in/callback?code=x')).toEqual([400, 'sign-in.state', undefined]);
  });

  it('is the right code with a state that was changed on the way', async () => {
    const browser = browserOf(f);
    const changed = (await browser.consent(ownerId)).replace(/state=[^&]+/, `state=${'x'.repeat(43)}`);
    expect(await refusal(browser, changed)).toEqual([400, 'sign-in.state', undefined]);
  });

  it("is somebody else's code under one's own state (PKCE)", async () => {
    const [mine, theirs] = [browserOf(f), browserOf(f)];
    const [myPath, theirPath] = [await mine.consent(ownerId), await theirs.consent(ownerId)];
    const swapped = new URL(myPath, 'http://docket.test');
    swapped.searchParams.set('code', new URL(theirPath, 'http://docket.test').searchParams.get('code') ?? '');
    expect(await refusal(mine, `${swapped.pathname}${swapped.search}`)).toEqual([400, 'sign-in.state', undefined]);
  });

  it('is a second use of the same answer', async () => {
    const browser = browserOf(f);
    const path = await browser.consent(ownerId);
    const attempt = { ...browser.jar };
    expect((await browser.open(path)).statusCode).toBe(302);
    expect(await refusal(browserOf(f, attempt), path)).toEqual([400, 'sign-in.state', undefined]);
  });

  it('is a cookie that is none of ours', async () => {
    const path = await browserOf(f).consent(ownerId);
    for (const value of ['', 'x', Buffer.from('{}').toString('base64url'), Buffer.from('null').toString('base64url')]) {
      expect(await refusal(browserOf(f, { 'docket-sign-in': value }), path)).toEqual([400, 'sign-in.state', undefined]);
    }
  });

  it('is said in words when the person cancels', async () => {
    const browser = browserOf(f);
    const path = await browser.consent('');
    const page = await browserOf(f, { ...browser.jar }).open(path, { accept: 'text/html' });
    expect([page.statusCode, page.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
    expect(await refusal(browser, path)).toEqual([403, 'sign-in.denied', undefined]);
  });

  it('is a client secret that Discord does not know, or a Discord that does not answer', async () => {
    const discord = { addresses: addressesOf(simulator.api), clientId: simulator.applicationId, clientSecret: 'wrong' };
    for (const broken of [
      discord,
      { ...discord, addresses: { ...discord.addresses, oauthToken: 'http://127.0.0.1:9/' } },
    ]) {
      const server = await start({ discord: broken });
      const browser = browserOf(server);
      const answer = await browser.open(await browser.consent(ownerId));
      expect(answer.json()).toMatchObject({ status: 502, code: 'sign-in.failed', reference: expect.any(String) });
      await server.app.close();
    }
  });
});

describe('an attacker', () => {
  it.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/api/sign-out'])(
    'cannot lead a person on to %s',
    async (next) => {
      const browser = browserOf(f);
      const answer = await browser.open(await browser.consent(ownerId, next));
      expect(answer.headers.location).toBe('/dashboard');
    },
  );

  it('cannot lead a person on by changing the cookie', async () => {
    const browser = browserOf(f);
    const path = await browser.consent(ownerId);
    const attempt = JSON.parse(Buffer.from(browser.jar['docket-sign-in'] ?? '', 'base64url').toString()) as object;
    const changed = Buffer.from(JSON.stringify({ ...attempt, next: '//evil.example' })).toString('base64url');
    const answer = await browserOf(f, { 'docket-sign-in': changed }).open(path);
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/dashboard']);
  });

  it('cannot fix the session that a person will sign in to: it is a new one, and the old one ends', async () => {
    const planted = await f.signIn(newId());
    const token = planted.cookie.slice('docket='.length);
    const browser = browserOf(f, { docket: token });
    await browser.open(await browser.consent(ownerId));
    expect(browser.jar.docket).not.toBe(token);
    expect(await browser.user()).toMatchObject({ id: ownerId });
    expect(await browserOf(f, { docket: token }).user()).toBeNull();
  });
});
