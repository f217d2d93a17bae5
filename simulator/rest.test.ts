import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { type Control, createControl } from './client.ts';
import { type Simulator, startSimulator } from './server.ts';

const log = createLog({ role: 'test', level: 'silent' });

describe('REST', () => {
  let simulator: Simulator;
  let control: Control;
  let guildId: string;
  let userId: string;
  let channelId: string;
  let botRoleId: string;

  beforeEach(async () => {
    simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, log });
    control = createControl(simulator.control);
    const guild = (await control.state()).guilds[0];
    guildId = guild?.id ?? '';
    userId = simulator.guilds[0]?.memberIds.at(-1) ?? '';
    channelId = guild?.channels.find((channel) => channel.name === 'general')?.id ?? '';
    botRoleId = guild?.roles.find((role) => role.name === 'Bot')?.id ?? '';
  });
  afterEach(async () => await simulator.close());

  async function rest(method: string, path: string, body?: unknown, authorization = `Bot ${simulator.token}`) {
    const response = await fetch(`${simulator.api}/v10${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  }
  const send = async (content = 'x') => await rest('POST', `/channels/${channelId}/messages`, { content });

  describe('what it does not know', () => {
    it('answers 501 with the name of the route', async () => {
      expect(await rest('GET', `/guilds/${guildId}/bans`)).toMatchObject({
        status: 501,
        body: { route: `GET /guilds/${guildId}/bans` },
      });
    });
  });

  describe('permissions', () => {
    const bits = (...names: bigint[]) => names.reduce((all, bit) => all | bit, 0n).toString();
    const view = 1n << 10n;
    const write = 1n << 11n;

    it.each([
      ['sends nothing without SEND_MESSAGES', bits(view), 'POST', 'messages', { content: 'x' }, 50013],
      ['changes no channel without MANAGE_CHANNELS', bits(view, write), 'PATCH', '', { name: 'y' }, 50013],
      ['sets no overwrites without MANAGE_ROLES', bits(view, write), 'PUT', 'permissions/1', { type: 0 }, 50013],
      ['reads nothing without VIEW_CHANNEL', bits(write), 'GET', '', undefined, 50001],
    ])('%s', async (_name, permissions, method, path, body, code) => {
      await control.updateRole(guildId, botRoleId, { permissions });
      await control.updateRole(guildId, guildId, { permissions: '0' });
      const answer = await rest(method, `/channels/${channelId}${path === '' ? '' : `/${path}`}`, body);
      expect(answer.body).toMatchObject({ code });
      expect(answer.status).toBe(403);
    });

    it('lets overwrites win: @everyone, then roles, then the member', async () => {
      const overwrite = (id: string, type: 0 | 1, allow: bigint, deny: bigint) => ({
        id,
        type,
        allow: allow.toString(),
        deny: deny.toString(),
      });
      await control.updateChannel(channelId, { overwrites: [overwrite(guildId, 0, 0n, write)] });
      // The bot's role grants writing, @everyone's overwrite takes it: overwrites come after roles.
      expect((await send()).body).toMatchObject({ code: 50013 });
      await control.updateChannel(channelId, {
        overwrites: [overwrite(guildId, 0, 0n, write), overwrite(botRoleId, 0, write, 0n)],
      });
      expect((await send()).status).toBe(200);
      await control.updateChannel(channelId, {
        overwrites: [overwrite(botRoleId, 0, write, 0n), overwrite(simulator.applicationId, 1, 0n, write)],
      });
      expect((await send()).body).toMatchObject({ code: 50013 });
    });

    it('hands out no permission that the bot lacks', async () => {
      const answer = await rest('POST', `/guilds/${guildId}/channels`, {
        name: 'x',
        permission_overwrites: [{ id: userId, type: 1, allow: '8' }],
      });
      expect(answer.body).toMatchObject({ code: 50013 });
    });

    it('holds people to the same rules', async () => {
      const staff = (await control.channels(guildId)).find((channel) => channel.name === 'staff')?.id ?? '';
      await expect(control.sendMessage({ channelId: staff, userId, content: 'x' })).rejects.toMatchObject({
        code: 50001,
      });
    });
  });

  describe('limits', () => {
    it('refuses a channel in a full category, in a full server, and too many overwrites', async () => {
      await control.limits({ channelsPerCategory: 0, channelsPerGuild: 6, overwritesPerChannel: 0 });
      const category = (await control.channels(guildId)).find((channel) => channel.type === 4);
      const inCategory = await rest('POST', `/guilds/${guildId}/channels`, { name: 'x', parent_id: category?.id });
      expect(inCategory.body).toMatchObject({
        code: 50035,
        errors: { parent_id: { _errors: [{ code: 'CHANNEL_PARENT_MAX_CHANNELS' }] } },
      });
      expect((await rest('POST', `/guilds/${guildId}/channels`, { name: 'x' })).status).toBe(201);
      expect((await rest('POST', `/guilds/${guildId}/channels`, { name: 'x' })).body).toMatchObject({ code: 30013 });
      const overwrite = await rest('PUT', `/channels/${channelId}/permissions/${userId}`, {
        type: 1,
        allow: '0',
        deny: '0',
      });
      expect(overwrite.body).toMatchObject({ code: 30060 });
    });

    it('refuses threads above the active limit', async () => {
      await control.limits({ activeThreadsPerGuild: 0 });
      expect((await rest('POST', `/channels/${channelId}/threads`, { name: 'x', type: 11 })).body).toMatchObject({
        code: 160006,
      });
    });

    it('names each field of a wrong body', async () => {
      const answer = await rest('POST', `/channels/${channelId}/messages`, {
        content: 'x'.repeat(2_001),
        components: [
          { type: 1, components: [{ type: 2, style: 1, label: 'y'.repeat(81), custom_id: 'z'.repeat(101) }] },
        ],
      });
      expect(answer.body).toMatchObject({
        code: 50035,
        errors: {
          content: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH' }] },
          components: { 0: { components: { 0: { label: { _errors: [{}] }, custom_id: { _errors: [{}] } } } } },
        },
      });
      expect((await rest('POST', `/channels/${channelId}/messages`, {})).body).toMatchObject({ code: 50006 });
    });

    it.each([
      ['/channels/1', 10003],
      ['/guilds/1', 10004],
      ['/users/1', 10013],
    ])('does not know %s', async (path, code) => {
      expect(await rest('GET', path)).toMatchObject({ status: 404, body: { code } });
    });
  });

  describe('rate limits', () => {
    it('announces the bucket and refuses the sixth message', async () => {
      const first = await send();
      expect(first.headers.get('x-ratelimit-limit')).toBe('5');
      expect(first.headers.get('x-ratelimit-remaining')).toBe('4');
      for (let count = 0; count < 4; count++) expect((await send()).status).toBe(200);
      const sixth = await send();
      expect(sixth).toMatchObject({ status: 429, body: { global: false } });
      expect(sixth.headers.get('x-ratelimit-scope')).toBe('user');
      expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await control.counts()).rateLimited).toBe(1);
    });

    it('has a global limit that callbacks do not count against', async () => {
      await control.limits({ requestsPerSecond: 0 });
      const answer = await rest('GET', '/users/@me');
      expect(answer).toMatchObject({ status: 429, body: { global: true } });
      expect(answer.headers.get('x-ratelimit-global')).toBe('true');
      expect((await rest('POST', '/interactions/1/token/callback', { type: 1 })).body).toMatchObject({ code: 10062 });
    });

    it('lets a channel be renamed twice in ten minutes', async () => {
      const rename = async (name: string) => await rest('PATCH', `/channels/${channelId}`, { name });
      expect((await rename('one')).status).toBe(200);
      expect((await rename('two')).status).toBe(200);
      const third = await rename('three');
      expect(third.status).toBe(429);
      expect(third.body.retry_after).toBeGreaterThan(500);
      expect((await rest('PATCH', `/channels/${channelId}`, { rate_limit_per_user: 5 })).status).toBe(200);
    });
  });

  describe('interactions', () => {
    async function interact() {
      await rest('PUT', `/applications/${simulator.applicationId}/commands`, [{ name: 'ping', description: 'Pings' }]);
      const token = (async () => {
        for await (const event of control.stream()) {
          if (event.type === 'INTERACTION_CREATE') return String(event.data.token);
        }
        throw new Error('the stream ended');
      })();
      // The stream may begin after the first command: commands are sent until it has told of one.
      const ids: string[] = [];
      for (;;) {
        ids.push((await control.runCommand({ channelId, userId, name: 'ping' })).id);
        const seen = await Promise.race([token, new Promise<null>((resolve) => setImmediate(() => resolve(null)))]);
        if (seen === null) continue;
        const id = Buffer.from(seen, 'base64url').toString().split(':')[1] ?? '';
        return { id, token: seen };
      }
    }

    it('refuses an acknowledgement that is late, and counts it', async () => {
      await control.limits({ acknowledgeWithinMs: -1 });
      const { id, token } = await interact();
      const late = await rest('POST', `/interactions/${id}/${token}/callback`, { type: 5 }, '');
      expect(late).toMatchObject({ status: 404, body: { code: 10062 } });
      expect(await control.interaction(id)).toMatchObject({ state: 'expired', acknowledgedAfterMs: null });
      expect((await control.counts()).violations).toEqual({ late_acknowledgement: 1 });
    });

    it('refuses a second acknowledgement, and the token after its life', async () => {
      const { id, token } = await interact();
      const hook = `/webhooks/${simulator.applicationId}/${token}`;
      expect((await rest('POST', hook, { content: 'early' }, '')).body).toMatchObject({ code: 10015 });
      expect((await rest('POST', `/interactions/${id}/${token}/callback`, { type: 5 }, '')).status).toBe(204);
      expect((await rest('POST', `/interactions/${id}/${token}/callback`, { type: 5 }, '')).body).toMatchObject({
        code: 40060,
      });
      expect((await rest('POST', hook, { content: 'instead of thinking' }, '')).status).toBe(200);
      expect((await control.interaction(id)).messages).toMatchObject([{ content: 'instead of thinking' }]);
      await control.limits({ tokenLifeMs: -1 });
      expect((await rest('POST', hook, { content: 'late' }, '')).body).toMatchObject({ code: 50027 });
    });

    it('checks what people enter against the command', async () => {
      await rest('PUT', `/applications/${simulator.applicationId}/commands`, [
        {
          name: 'rate',
          description: 'Rates',
          options: [{ type: 4, name: 'stars', description: 'Stars', required: true, min_value: 1, max_value: 5 }],
        },
        { name: 'hidden', description: 'Hidden', default_member_permissions: '8' },
      ]);
      const run = async (name: string, options: { name: string; value: number }[]) =>
        await control.runCommand({ channelId, userId, name, options });
      await expect(run('rate', [])).rejects.toThrow('required');
      await expect(run('rate', [{ name: 'stars', value: 6 }])).rejects.toThrow('too large');
      await expect(run('hidden', [])).rejects.toMatchObject({ code: 50013 });
      await expect(run('absent', [])).rejects.toMatchObject({ code: 10063 });
    });
  });

  describe('faults', () => {
    it('answers the next matching requests as ordered', async () => {
      await control.fault({
        kind: 'status',
        status: 502,
        method: 'POST',
        path: `/channels/${channelId}/messages`,
        count: 2,
      });
      expect((await rest('GET', `/channels/${channelId}/messages`)).status).toBe(200);
      expect([(await send()).status, (await send()).status, (await send()).status]).toEqual([502, 502, 200]);
      await control.fault({ kind: 'status', status: 429, retryAfterS: 7 });
      expect((await send()).body).toMatchObject({ retry_after: 7 });
      await control.fault({ kind: 'status', status: 403, code: 50013 });
      expect((await send()).body).toMatchObject({ code: 50013 });
    });

    it('can lose an answer after doing the work', async () => {
      await control.fault({ kind: 'lose-answer', method: 'POST' });
      await expect(send('done')).rejects.toThrow();
      expect((await control.messages(channelId)).at(-1)?.content).toBe('done');
    });

    it('forgets what was ordered', async () => {
      await control.fault({ kind: 'status', status: 500, count: 10 });
      await control.clearFaults();
      expect((await send()).status).toBe(200);
    });
  });

  describe('sign-in', () => {
    const redirectUri = 'http://127.0.0.1:9/back';
    const verifier = 'v'.repeat(64);
    const challenge = createHash('sha256').update(verifier).digest('base64url');

    function question(more: Record<string, string> = {}) {
      return new URLSearchParams({
        client_id: simulator.applicationId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'identify guilds',
        state: 's"1',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...more,
      });
    }
    const authorize = () => new URL('/oauth2/authorize', simulator.api);

    async function token(code: string, more: Record<string, string> = {}) {
      const response = await fetch(`${simulator.api}/oauth2/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${simulator.applicationId}:${simulator.clientSecret}`).toString('base64')}`,
        },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          redirect_uri: redirectUri,
          code_verifier: verifier,
          ...more,
        }),
      });
      return { status: response.status, body: await response.json() };
    }

    async function choose(id: string) {
      const body = question({ user_id: id });
      const response = await fetch(authorize(), { method: 'POST', body, redirect: 'manual' });
      return new URL(response.headers.get('location') ?? '');
    }

    it('lists people, escaped', async () => {
      await control.addMember(guildId, { name: '<img src=x>' });
      const response = await fetch(`${authorize().href}?${question()}`);
      const html = await response.text();
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(html).toContain(`value="${userId}"`);
      expect(html).toContain('value="s&#34;1"');
      expect(html).not.toContain('<img src=x>');
      expect(html).not.toContain(`value="${simulator.applicationId}"><img`);
    });

    it('gives a code, then tokens that read the person and the servers', async () => {
      const back = await choose(userId);
      expect(back.searchParams.get('state')).toBe('s"1');
      const tokens = await token(back.searchParams.get('code') ?? '');
      expect(tokens.body).toMatchObject({ token_type: 'Bearer', scope: 'identify guilds' });
      const bearer = `Bearer ${tokens.body.access_token}`;
      expect((await rest('GET', '/users/@me', undefined, bearer)).body.id).toBe(userId);
      const guilds = await rest('GET', '/users/@me/guilds', undefined, bearer);
      expect(guilds.body).toMatchObject([{ id: guildId, owner: false }]);
      expect((await rest('GET', `/guilds/${guildId}`, undefined, bearer)).status).toBe(401);
      const again = await token('', { grant_type: 'refresh_token', refresh_token: tokens.body.refresh_token });
      expect(again.body.access_token).not.toBe(tokens.body.access_token);
    });

    it('refuses a code that is used, another verifier, another address and another secret', async () => {
      const code = (await choose(userId)).searchParams.get('code') ?? '';
      expect((await token(code)).status).toBe(200);
      expect((await token(code)).body).toMatchObject({ error: 'invalid_grant' });
      const wrongs: Record<string, string>[] = [
        { code_verifier: 'w'.repeat(64) },
        { redirect_uri: 'http://127.0.0.1:9/other' },
      ];
      for (const wrong of wrongs) {
        const fresh = (await choose(userId)).searchParams.get('code') ?? '';
        expect((await token(fresh, wrong)).body).toMatchObject({ error: 'invalid_grant' });
      }
      const anonymous = await fetch(`${simulator.api}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: simulator.applicationId,
          client_secret: 'no',
        }),
      });
      expect(anonymous.status).toBe(401);
    });

    it('tells the application when somebody cancels', async () => {
      expect((await choose('')).searchParams.get('error')).toBe('access_denied');
    });

    it('shows a page instead of redirecting to an address that is none', async () => {
      const response = await fetch(`${authorize().href}?${question({ redirect_uri: 'javascript:alert(1)' })}`);
      expect(response.status).toBe(400);
    });
  });

  describe('the CDN', () => {
    it('makes pictures', async () => {
      const origin = new URL(simulator.api).origin;
      const { body: user } = await rest('GET', `/users/${userId}`);
      const response = await fetch(`${origin}/cdn/avatars/${userId}/${user.avatar}.png?size=32`);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      expect(bytes.readUInt32BE(16)).toBe(32);
    });
  });
});
