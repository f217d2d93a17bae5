import { createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flag, readConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { printLine } from '#runtime/stdout.ts';
import { type Control, createControl } from './client.ts';
import { type Conformance, createConformance, hasOpenApi } from './openapi.ts';
import { type Simulator, startSimulator } from './server.ts';

const path = fileURLToPath(new URL('../../shared/discord/openapi.json', import.meta.url));
const { REQUIRE_ALL } = readConfig({
  REQUIRE_ALL: flag({ default: false, doc: 'whether a skipped test is a failure' }),
});
const isThere = hasOpenApi(path);
if (!isThere) printLine(`simulator/openapi.test.ts was skipped: Discord's OpenAPI document is not at ${path}`);

describe.skipIf(!isThere && !REQUIRE_ALL)("Discord's published description", () => {
  let conformance: Conformance;
  let simulator: Simulator;
  let control: Control;
  let guildId: string;
  let userId: string;
  let channelId: string;

  beforeAll(async () => {
    conformance = createConformance(path);
    const log = createLog({ role: 'test', level: 'silent' });
    simulator = await startSimulator({
      port: 0,
      dataDir: null,
      guilds: 1,
      log,
      limits: { requestsPerSecond: 1_000, routeBuckets: false },
      check: conformance.check,
    });
    control = createControl(simulator.control);
    guildId = simulator.guilds[0]?.id ?? '';
    userId = simulator.guilds[0]?.memberIds.at(-1) ?? '';
    channelId = (await control.channels(guildId)).find((channel) => channel.name === 'general')?.id ?? '';
  });

  afterAll(async () => await simulator.close());

  async function rest(method: string, route: string, body?: unknown, authorization = `Bot ${simulator.token}`) {
    const form = body instanceof FormData;
    const response = await fetch(`${simulator.api}/v10${route}`, {
      method,
      headers: { authorization, ...(body === undefined || form ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : form ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  const button = { type: 2, style: 1, label: 'Press', custom_id: 'press' };
  const select = { type: 3, custom_id: 'pick', options: [{ label: 'A', value: 'a' }], placeholder: 'Pick' };
  const rows = [
    { type: 1, components: [button] },
    { type: 1, components: [select] },
  ];
  const embed = {
    title: 'T',
    description: 'D',
    color: 1,
    fields: [{ name: 'n', value: 'v', inline: true }],
    footer: { text: 'f' },
  };

  it('fits users, applications and the gateway', async () => {
    for (const route of [
      '/users/@me',
      `/users/${userId}`,
      '/users/@me/guilds?with_counts=true',
      '/applications/@me',
      '/oauth2/applications/@me',
      '/gateway',
      '/gateway/bot',
    ]) {
      expect((await rest('GET', route)).status, route).toBe(200);
    }
    expect((await rest('GET', '/users/1')).body).toMatchObject({ code: 10013 });
    expect((await rest('GET', '/users/@me', undefined, 'Bot wrong')).status).toBe(401);
    expect(conformance.problems).toEqual([]);
  });

  it('fits the address of interactions and what is answered there', async () => {
    const app = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const { type } = JSON.parse(body.toString()) as { type: number };
        const x = Buffer.from(simulator.publicKey, 'hex').toString('base64url');
        const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
        const signed = `${String(request.headers['x-signature-timestamp'])}${body.toString()}`;
        const signature = Buffer.from(String(request.headers['x-signature-ed25519']), 'hex');
        const isRight = verify(null, Buffer.from(signed), key, signature);
        response.writeHead(isRight ? 200 : 401, { 'content-type': 'application/json' });
        response.end(JSON.stringify(type === 1 ? { type: 1 } : { type: 4, data: { content: 'hi', surprise: 1 } }));
      });
    });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`;
    const set = (value: string | null) => rest('PATCH', '/applications/@me', { interactions_endpoint_url: value });
    expect((await set(url)).status).toBe(200);
    expect((await set('http://127.0.0.1:9/')).body.code).toBe(50_035);
    await rest('PUT', commands(), [{ name: 'ping', description: 'Pings' }]);
    expect(conformance.problems).toEqual([]);
    const { id } = await control.runCommand({ channelId, userId: simulator.guilds[0]?.ownerId ?? '', name: 'ping' });
    expect((await control.interaction(id, { waitMs: 5_000 })).state).toBe('acknowledged');
    expect(conformance.problems.splice(0)).toEqual([
      'POST /interactions/:interactionId/:token/callback request: unknown key /data/surprise',
    ]);
    expect((await set(null)).body.interactions_endpoint_url).toBeNull();
    await new Promise((resolve) => app.close(resolve).closeAllConnections());
  });

  it('fits servers, members and roles', async () => {
    const role = await rest('POST', `/guilds/${guildId}/roles`, { name: 'Helpers', color: 255, permissions: '1024' });
    for (const [method, route, body, status] of [
      ['GET', `/guilds/${guildId}?with_counts=true`, undefined, 200],
      ['GET', `/guilds/${guildId}/members?limit=100`, undefined, 200],
      ['GET', `/guilds/${guildId}/members/search?query=a&limit=5`, undefined, 200],
      ['GET', `/guilds/${guildId}/members/${userId}`, undefined, 200],
      ['PUT', `/guilds/${guildId}/members/${userId}/roles/${role.body.id}`, undefined, 204],
      ['DELETE', `/guilds/${guildId}/members/${userId}/roles/${role.body.id}`, undefined, 204],
      ['PATCH', `/guilds/${guildId}/members/${userId}`, { nick: 'Nick' }, 200],
      ['GET', `/guilds/${guildId}/roles`, undefined, 200],
      ['GET', `/guilds/${guildId}/roles/${role.body.id}`, undefined, 200],
      ['PATCH', `/guilds/${guildId}/roles/${role.body.id}`, { name: 'Hands', mentionable: true }, 200],
      ['DELETE', `/guilds/${guildId}/roles/${role.body.id}`, undefined, 204],
      ['GET', '/guilds/1', undefined, 404],
    ] as const) {
      expect((await rest(method, route, body)).status, `${method} ${route}`).toBe(status);
    }
    expect(conformance.problems).toEqual([]);
  });

  it('fits channels, overwrites and threads', async () => {
    const category = await rest('POST', `/guilds/${guildId}/channels`, { name: 'Cases', type: 4 });
    const made = await rest('POST', `/guilds/${guildId}/channels`, {
      name: 'case 1',
      type: 0,
      topic: 't',
      parent_id: category.body.id,
      permission_overwrites: [
        { id: guildId, type: 0, allow: '0', deny: '2048' },
        { id: simulator.applicationId, type: 1, allow: '3072' },
      ],
    });
    expect(made.body).toMatchObject({ name: 'case-1', parent_id: category.body.id });
    const id = made.body.id;
    const message = await rest('POST', `/channels/${id}/messages`, { content: 'start here' });
    const privateThread = await rest('POST', `/channels/${id}/threads`, { name: 'quiet', type: 12, invitable: false });
    const thread = await rest('POST', `/channels/${id}/messages/${message.body.id}/threads`, { name: 'aside' });
    expect([privateThread.status, thread.status]).toEqual([201, 201]);
    for (const [method, route, body, status] of [
      ['GET', `/channels/${id}`, undefined, 200],
      ['PATCH', `/channels/${id}`, { name: 'case-2', topic: null, rate_limit_per_user: 5 }, 200],
      ['PUT', `/channels/${id}/permissions/${userId}`, { type: 1, allow: '1024', deny: '0' }, 204],
      ['DELETE', `/channels/${id}/permissions/${userId}`, undefined, 204],
      ['GET', `/guilds/${guildId}/channels`, undefined, 200],
      ['GET', `/guilds/${guildId}/threads/active`, undefined, 200],
      ['PUT', `/channels/${privateThread.body.id}/thread-members/${userId}`, undefined, 204],
      ['GET', `/channels/${privateThread.body.id}/thread-members?with_member=true`, undefined, 200],
      ['GET', `/channels/${privateThread.body.id}/thread-members/${userId}`, undefined, 200],
      ['DELETE', `/channels/${privateThread.body.id}/thread-members/${userId}`, undefined, 204],
      ['PUT', `/channels/${thread.body.id}/thread-members/@me`, undefined, 204],
      ['PATCH', `/channels/${thread.body.id}`, { archived: true, locked: true }, 200],
      ['GET', `/channels/${id}/threads/archived/public`, undefined, 200],
      ['GET', `/channels/${id}/threads/archived/private`, undefined, 200],
      ['DELETE', `/channels/${thread.body.id}/thread-members/@me`, undefined, 204],
      ['DELETE', `/channels/${id}`, undefined, 200],
      ['GET', `/channels/${id}`, undefined, 404],
    ] as const) {
      expect((await rest(method, route, body)).status, `${method} ${route}`).toBe(status);
    }
    expect(conformance.problems).toEqual([]);
  });

  it('fits messages, files, reactions and direct messages', async () => {
    const made = await rest('POST', `/channels/${channelId}/messages`, {
      content: `hello <@${userId}>`,
      embeds: [embed],
      components: rows,
      nonce: 'n1',
      enforce_nonce: true,
      allowed_mentions: { parse: [], users: [userId] },
    });
    expect(made.body.mentions).toHaveLength(1);
    const again = await rest('POST', `/channels/${channelId}/messages`, {
      content: 'again',
      nonce: 'n1',
      enforce_nonce: true,
    });
    expect(again.body.id).toBe(made.body.id);
    const form = new FormData();
    form.set(
      'payload_json',
      JSON.stringify({ content: 'file', attachments: [{ id: 0, filename: 'a.txt', description: 'd' }] }),
    );
    form.set('files[0]', new Blob(['abc'], { type: 'text/plain' }), 'a.txt');
    const file = await rest('POST', `/channels/${channelId}/messages`, form);
    expect(file.body.attachments[0]).toMatchObject({ filename: 'a.txt', size: 3, description: 'd' });
    const reply = await rest('POST', `/channels/${channelId}/messages`, {
      content: 'reply',
      message_reference: { message_id: made.body.id },
    });
    const dm = await rest('POST', '/users/@me/channels', { recipient_id: userId });
    const heart = encodeURIComponent('❤️');
    for (const [method, route, body, status] of [
      ['GET', `/channels/${channelId}/messages?limit=10`, undefined, 200],
      ['GET', `/channels/${channelId}/messages?around=${file.body.id}&limit=3`, undefined, 200],
      ['GET', `/channels/${channelId}/messages/${reply.body.id}`, undefined, 200],
      [
        'PATCH',
        `/channels/${channelId}/messages/${made.body.id}`,
        { content: 'edited', components: [], embeds: [] },
        200,
      ],
      ['PUT', `/channels/${channelId}/messages/${made.body.id}/reactions/${heart}/@me`, undefined, 204],
      ['GET', `/channels/${channelId}/messages/${made.body.id}`, undefined, 200],
      ['GET', `/channels/${channelId}/messages/${made.body.id}/reactions/${heart}`, undefined, 200],
      ['DELETE', `/channels/${channelId}/messages/${made.body.id}/reactions/${heart}/@me`, undefined, 204],
      ['POST', `/channels/${channelId}/typing`, undefined, 204],
      ['DELETE', `/channels/${channelId}/messages/${made.body.id}`, undefined, 204],
      ['POST', `/channels/${channelId}/messages/bulk-delete`, { messages: [file.body.id, reply.body.id] }, 204],
      ['POST', `/channels/${dm.body.id}/messages`, { content: 'dm' }, 200],
      ['GET', `/channels/${dm.body.id}`, undefined, 200],
      ['POST', `/channels/${channelId}/messages`, { content: '' }, 400],
      ['POST', `/channels/${channelId}/messages`, { content: 'x'.repeat(2_001) }, 400],
    ] as const) {
      expect((await rest(method, route, body)).status, `${method} ${route}`).toBe(status);
    }
    expect(conformance.problems).toEqual([]);
  });

  const commands = () => `/applications/${simulator.applicationId}/commands`;

  it('fits commands', async () => {
    const command = {
      name: 'desk',
      description: 'The desk',
      default_member_permissions: '32',
      contexts: [0],
      options: [
        {
          type: 1,
          name: 'open',
          description: 'Opens',
          options: [{ type: 3, name: 'why', description: 'Why', max_length: 100 }],
        },
        {
          type: 1,
          name: 'for',
          description: 'For',
          options: [{ type: 6, name: 'who', description: 'Who', required: true }],
        },
      ],
    };
    const inGuild = `/applications/${simulator.applicationId}/guilds/${guildId}/commands`;
    for (const base of [commands(), inGuild]) {
      expect((await rest('PUT', base, [command, { name: 'ping', description: 'Pings' }])).status).toBe(200);
      const one = await rest('POST', base, { name: 'one', description: 'One', type: 1 });
      expect(one.status).toBe(201);
      expect((await rest('PATCH', `${base}/${one.body.id}`, { description: 'Won' })).body.description).toBe('Won');
      expect((await rest('GET', `${base}/${one.body.id}`)).status).toBe(200);
      expect((await rest('GET', `${base}?with_localizations=true`)).body).toHaveLength(3);
      expect((await rest('DELETE', `${base}/${one.body.id}`)).status).toBe(204);
    }
    expect((await rest('PUT', inGuild, [])).body).toEqual([]);
    const refused = await rest('POST', commands(), { name: 'Bad Name', description: '' });
    expect(refused.body.errors).toMatchObject({ name: { _errors: [{}] }, description: { _errors: [{}] } });
    expect(conformance.problems).toEqual([]);
  });

  it('fits interactions, followups and what their tokens allow', async () => {
    const member = simulator.guilds[0]?.ownerId ?? '';
    const seen: { id: string; token: string }[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const event of control.stream(stop.signal)) {
        if (event.type === 'INTERACTION_CREATE') seen.push(event.data as { id: string; token: string });
      }
    })().catch(() => undefined);
    const run = async () => {
      const options = [{ name: 'open', options: [{ name: 'why', value: 'because' }] }];
      const { id } = await control.runCommand({ guildId, channelId, userId: member, name: 'desk', options });
      await expect.poll(() => seen.some((interaction) => interaction.id === id)).toBe(true);
      return seen.find((interaction) => interaction.id === id) as { id: string; token: string };
    };
    const hook = (token: string) => `/webhooks/${simulator.applicationId}/${token}`;
    // Streams begin with a request of their own; the first command waits for it.
    await expect
      .poll(async () => (await control.runCommand({ channelId, userId: member, name: 'ping' }), seen.length))
      .toBeGreaterThan(0);

    const first = await run();
    const callback = (of: { id: string; token: string }) =>
      `/interactions/${of.id}/${of.token}/callback?with_response=true`;
    const shown = await rest(
      'POST',
      callback(first),
      { type: 4, data: { content: 'hi', embeds: [embed], components: rows } },
      '',
    );
    expect(shown.body.resource.message.content).toBe('hi');
    expect((await rest('POST', callback(first), { type: 5 }, '')).body).toMatchObject({ code: 40060 });
    const followup = await rest('POST', hook(first.token), { content: 'more', flags: 64 }, '');
    for (const [method, id, body, status] of [
      ['GET', '@original', undefined, 200],
      ['PATCH', '@original', { content: 'changed' }, 200],
      ['PATCH', followup.body.id, { content: 'changed too' }, 200],
      ['GET', followup.body.id, undefined, 200],
      ['DELETE', followup.body.id, undefined, 204],
    ] as const) {
      expect((await rest(method, `${hook(first.token)}/messages/${id}`, body, '')).status, `${method} ${id}`).toBe(
        status,
      );
    }
    const second = await run();
    expect((await rest('POST', callback(second), { type: 5, data: { flags: 64 } }, '')).body.interaction).toMatchObject(
      {
        response_message_loading: true,
      },
    );
    expect((await rest('DELETE', `${hook(second.token)}/messages/@original`, undefined, '')).status).toBe(204);
    const third = await run();
    const input = { type: 4, custom_id: 'a', style: 1, label: 'A', required: false };
    const modal = { custom_id: 'm', title: 'M', components: [{ type: 1, components: [input] }] };
    expect((await rest('POST', callback(third), { type: 9, data: modal }, '')).status).toBe(200);

    const message = shown.body.resource.message.id;
    const pressed = await control.useComponent({ channelId, messageId: message, userId: member, customId: 'press' });
    await expect.poll(() => seen.some((interaction) => interaction.id === pressed.id)).toBe(true);
    const press = seen.at(-1) as { id: string; token: string };
    expect((await rest('POST', callback(press), { type: 7, data: { content: 'pressed' } }, '')).status).toBe(200);
    stop.abort();
    await watching;
    expect(conformance.problems).toEqual([]);
  });

  it('notices a request with a key that Discord does not know', async () => {
    await rest('POST', `/channels/${channelId}/messages`, { content: 'x', contents: 'y' });
    expect(conformance.problems.splice(0)).toEqual([
      'POST /channels/:channelId/messages request: unknown key /contents',
    ]);
  });

  it('notices an answer that does not fit', () => {
    conformance.check({
      method: 'GET',
      path: '/users/@me',
      route: '/users/@me',
      query: new URLSearchParams(),
      contentType: '',
      requestBody: undefined,
      fileCount: 0,
      status: 200,
      responseBody: { id: '1' },
    });
    expect(conformance.problems.splice(0)).toHaveLength(1);
  });
});
