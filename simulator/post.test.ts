import { createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { type Control, createControl } from './client.ts';
import { type Simulator, startSimulator } from './server.ts';

const log = createLog({ role: 'test', level: 'silent' });
let simulator: Simulator;
let control: Control;
let place: { guildId: string; channelId: string; userId: string };

/** What the application answers; a test puts its own here. Verified beforehand, as an application must. */
type Posted = { id: string; token: string; type: number; data: { custom_id?: string; components?: unknown } };
let answer: (interaction: Posted, response: ServerResponse) => void;
let isForgivingForgery = false;
const got: Posted[] = [];

const json = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const x = Buffer.from(simulator.publicKey, 'hex').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const signed = Buffer.concat([Buffer.from(String(request.headers['x-signature-timestamp'])), body]);
  const isRight = verify(null, signed, key, Buffer.from(String(request.headers['x-signature-ed25519']), 'hex'));
  if (!isRight && !isForgivingForgery) return json(response, {}, 401);
  const interaction = JSON.parse(body.toString()) as Posted;
  if (interaction.type === 1) return json(response, { type: 1 });
  got.push(interaction);
  answer(interaction, response);
}
const app = createServer((request, response) => void receive(request, response));
const appUrl = (path = '/'): string => `http://127.0.0.1:${(app.address() as AddressInfo).port}${path}`;

async function rest(method: string, path: string, body?: unknown) {
  const response = await fetch(`${simulator.api}/v10${path}`, {
    method,
    headers: { authorization: `Bot ${simulator.token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
const setUrl = (url: string | null) => rest('PATCH', '/applications/@me', { interactions_endpoint_url: url });
const click = async (): Promise<string> => (await control.runCommand({ ...place, name: 'ping' })).id;
const outcome = (id: string) => control.interaction(id, { waitMs: 5_000 });

beforeAll(async () => {
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  simulator = await startSimulator({ port: 0, dataDir: null, guilds: 1, log, limits: { routeBuckets: false } });
  control = createControl(simulator.control);
  const [guild] = simulator.guilds;
  const channels = await control.channels(guild?.id ?? '');
  const general = channels.find((channel) => channel.name === 'general')?.id ?? '';
  place = { guildId: guild?.id ?? '', channelId: general, userId: guild?.ownerId ?? '' };
  await rest('PUT', `/applications/${simulator.applicationId}/commands`, [{ name: 'ping', description: 'Pings' }]);
});
afterAll(async () => {
  await simulator.close();
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});
beforeEach(async () => {
  isForgivingForgery = false;
  got.length = 0;
  answer = (_interaction, response) => json(response, { type: 5, data: { flags: 64 } });
  expect((await setUrl(appUrl())).status).toBe(200);
});

describe('the address of interactions', () => {
  it('is taken from an application that answers rightly, shown, and taken away', async () => {
    expect((await rest('GET', '/applications/@me')).body.interactions_endpoint_url).toBe(appUrl());
    for (const nothing of [null, '']) {
      await setUrl(appUrl());
      expect((await setUrl(nothing)).body.interactions_endpoint_url).toBeNull();
    }
  });

  it.each<[string, () => string, string]>([
    ['is no address', () => 'docket', 'URL_TYPE_INVALID_URL'],
    ['has another scheme', () => 'ftp://127.0.0.1/', 'URL_TYPE_INVALID_SCHEME'],
    ['is too long', () => appUrl(`/${'x'.repeat(2_048)}`), 'BASE_TYPE_MAX_LENGTH'],
    ['nobody answers at', () => 'http://127.0.0.1:9/', 'APPLICATION_INTERACTIONS_ENDPOINT_URL_INVALID'],
    [
      'answers anything to anybody',
      () => `${simulator.api}/v10/gateway`,
      'APPLICATION_INTERACTIONS_ENDPOINT_URL_INVALID',
    ],
  ])('is refused when it %s, and what was set stays', async (_, url, code) => {
    const { status, body } = await setUrl(url());
    expect([status, body.code]).toEqual([400, 50_035]);
    expect(body.errors.interactions_endpoint_url._errors[0].code).toBe(code);
    expect((await rest('GET', '/applications/@me')).body.interactions_endpoint_url).toBe(appUrl());
  });

  it('is refused when a forged PING is answered', async () => {
    isForgivingForgery = true;
    expect((await setUrl(appUrl('/other'))).body.code).toBe(50_035);
  });

  it('is all that can be changed of an application', async () => {
    expect(await rest('PATCH', '/applications/@me', { tags: ['x'] })).toMatchObject({
      status: 501,
      body: { route: 'PATCH /applications/@me with tags' },
    });
  });
});

describe('an interaction over HTTP', () => {
  it('is answered by the response, then by its token', async () => {
    const id = await click();
    expect(await outcome(id)).toMatchObject({ state: 'acknowledged', callbackType: 5 });
    const { token } = got[0] ?? { token: '' };
    const original = `/webhooks/${simulator.applicationId}/${token}/messages/@original`;
    expect((await rest('PATCH', original, { content: 'pong' })).status).toBe(200);
    expect((await control.interaction(id)).messages[0]?.content).toBe('pong');
  });

  it('may show a form, whose submission comes the same way', async () => {
    const input = { type: 4, custom_id: 'a', style: 1, label: 'A', required: false };
    const modal = { custom_id: 'm', title: 'M', components: [{ type: 1, components: [input] }] };
    answer = (_interaction, response) => json(response, { type: 9, data: modal });
    const shown = await click();
    expect(await outcome(shown)).toMatchObject({ state: 'acknowledged', modal: { custom_id: 'm' } });
    answer = (_interaction, response) => json(response, { type: 4, data: { content: 'thanks' } });
    const { id } = await control.submitModal({ interactionId: shown, userId: place.userId, values: { a: 'b' } });
    expect(await outcome(id)).toMatchObject({ state: 'acknowledged', messages: [{ content: 'thanks' }] });
    expect(got.map(({ type, data }) => [type, data.custom_id])).toEqual([
      [2, undefined],
      [5, 'm'],
    ]);
  });

  it('may be answered by the callback route after 202', async () => {
    answer = ({ id, token }, response) => {
      response.writeHead(202).end();
      void rest('POST', `/interactions/${id}/${token}/callback`, { type: 4, data: { content: 'later' } });
    };
    expect(await outcome(await click())).toMatchObject({ state: 'acknowledged', messages: [{ content: 'later' }] });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['an error', (response) => json(response, {}, 500)],
    ['no answer at all', (response) => response.destroy()],
    ['no JSON', (response) => response.end('pong')],
    ['an answer that does not fit', (response) => json(response, { type: 6 })],
    ['an empty message', (response) => json(response, { type: 4, data: {} })],
  ])('that gets %s fails at once', async (_, respond) => {
    const before = await control.counts();
    answer = (_interaction, response) => respond(response);
    expect(await outcome(await click())).toMatchObject({ state: 'expired', messages: [] });
    const { posts, failedPosts, expired } = await control.counts();
    expect([posts, failedPosts, expired]).toEqual([before.posts + 1, before.failedPosts + 1, before.expired + 1]);
  });

  it('that is answered too late is counted as a late acknowledgement', async () => {
    await control.limits({ acknowledgeWithinMs: 100 });
    const open: ServerResponse[] = [];
    answer = (_interaction, response) => void open.push(response);
    expect(await outcome(await click())).toMatchObject({ state: 'expired' });
    await expect.poll(async () => (await control.counts()).violations['late_acknowledgement']).toBe(1);
    for (const response of open) json(response, { type: 5 });
    await control.limits({ acknowledgeWithinMs: 3_000 });
  });

  it('comes by the gateway again once the address is gone', async () => {
    await setUrl(null);
    const { posts } = await control.counts();
    await click();
    expect([got, (await control.counts()).posts]).toEqual([[], posts]);
  });
});
