import { generateKeyPairSync, sign } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { readPublicKey, signedWithinMs } from '#discord/signature.ts';
import { createLog } from '#runtime/log.ts';
import { metrics } from '#runtime/telemetry.ts';
import type { FirstAnswer } from './acknowledge.ts';
import type { Dispatch } from './dispatch.ts';
import { serveInteractions } from './http.ts';

const log = createLog({ role: 'test', level: 'silent' });
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const hex = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
let now = Date.now();

/** What the dispatcher does with an interaction; a test puts its own here. */
let dispatch: Dispatch;
const server = await serveInteractions({
  port: 0,
  host: '127.0.0.1',
  publicKey: readPublicKey(hex),
  dispatch: (...o) => dispatch(...o),
  now: () => now,
  log,
});
afterAll(() => server.stop());
const url = (port = server.port): string => `http://127.0.0.1:${port}/interactions`;

let serial = 0;
const interaction = (over: object = {}): string => {
  serial += 1;
  return JSON.stringify({ id: String(serial), token: `t${serial}`, type: 2, data: { name: 'probe' }, ...over });
};
const signed = (body: string, at = now): Record<string, string> => {
  const timestamp = String(Math.floor(at / 1_000));
  return {
    'content-type': 'application/json',
    'x-signature-timestamp': timestamp,
    'x-signature-ed25519': sign(null, Buffer.from(timestamp + body), privateKey).toString('hex'),
  };
};
const post = (body: string, headers = signed(body), o: RequestInit & { port?: number } = {}) =>
  fetch(url(o.port), { method: 'POST', body, headers, ...o });
const counted = async (result: string): Promise<number> =>
  (await metrics.interactionRequests.get()).values.find((one) => one.labels['result'] === result)?.value ?? 0;
const deferred = { type: 5, data: { flags: 64 } };
/** Resolves from outside. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

beforeEach(() => {
  now = Date.now();
  dispatch = async (_interaction, _at, send) => void (await send?.(deferred, 1_000));
});

describe('what Discord asks before it takes the address', () => {
  test('a PING gets a PONG and never reaches the dispatcher', async () => {
    dispatch = () => Promise.reject(new Error('reached'));
    const answer = await post(interaction({ type: 1 }));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await answer.json()).toEqual({ type: 1 });
  });

  test('a wrong signature, none, and one of another time get 401, and are counted', async () => {
    const reached: string[] = [];
    dispatch = async ({ id }) => void reached.push(id);
    const body = interaction();
    const wrong = { ...signed(body), 'x-signature-ed25519': '0'.repeat(128) };
    const before = [await counted('bad-signature'), await counted('stale')];
    for (const headers of [
      wrong,
      { 'content-type': 'application/json' },
      signed(`${body} `),
      signed(body, now - signedWithinMs - 2_000),
      signed(body, now + signedWithinMs + 2_000),
    ])
      expect((await post(body, headers)).status).toBe(401);
    const after = [await counted('bad-signature'), await counted('stale')];
    expect(after.map((n, i) => n - (before[i] ?? 0))).toEqual([3, 2]);
    expect(reached).toEqual([]);
  });
});

test('an interaction is answered by the response, with the time of its receipt', async () => {
  const seen: unknown[] = [];
  dispatch = async ({ id, token }, receivedAt, send) => {
    const agoMs = performance.now() - receivedAt;
    seen.push({ id, token, isRecent: agoMs >= 0 && agoMs < 2_500, outcome: await send?.(deferred, 1_000) });
  };
  const body = interaction();
  const answer = await post(body);
  expect([answer.status, await answer.json()]).toEqual([200, deferred]);
  const { id, token } = JSON.parse(body) as { id: string; token: string };
  await expect.poll(() => seen).toEqual([{ id, token, isRecent: true, outcome: 'mine' }]);
});

test('a replay is refused while its signature is good, and done once', async () => {
  const done: string[] = [];
  dispatch = async ({ id }, _at, send) => {
    done.push(id);
    await send?.(deferred, 1_000);
  };
  const body = interaction();
  const headers = signed(body, now + signedWithinMs - 1_000);
  expect((await post(body, headers)).status).toBe(200);
  expect((await post(body, headers)).status).toBe(409);
  now += 2 * signedWithinMs - 2_000; // the last moment at which the signature is good
  expect((await post(body, headers)).status).toBe(409);
  expect(done).toHaveLength(1);
});

test('what nobody answers fails at once, and what is answered too late was not taken', async () => {
  dispatch = async () => undefined;
  expect((await post(interaction())).status).toBe(503);

  const [left, outcome] = [gate(), gate()];
  let told: unknown;
  dispatch = async (_interaction, _at, send) => {
    await left.opened;
    told = await send?.(deferred, 1_000);
    outcome.open();
  };
  const patience = new AbortController();
  const reached = counted('unknown-path');
  const asked = post(interaction(), undefined, { signal: patience.signal });
  await fetch(`http://127.0.0.1:${server.port}/`); // so that the interaction has come in before its end
  patience.abort();
  await expect(asked).rejects.toThrow();
  await fetch(`http://127.0.0.1:${server.port}/`);
  expect((await counted('unknown-path')) - (await reached)).toBe(2);
  left.open();
  await outcome.opened;
  expect(told).toBe('expired');
});

describe('nonsense', () => {
  const text = interaction();
  test.each<[string, number, RequestInit, string?]>([
    ['another path', 404, { method: 'POST', body: text, headers: signed(text) }, '/elsewhere'],
    ['another method', 405, { method: 'GET' }],
    [
      'another type of body',
      415,
      { method: 'POST', body: text, headers: { ...signed(text), 'content-type': 'text/plain' } },
    ],
    ['no body at all', 401, { method: 'POST', headers: { 'content-type': 'application/json' } }],
  ])('%s gets %i', async (_, status, init, path = '/interactions') => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ message: expect.any(String) });
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{"type":2}',
    '{"id":"x","token":"t","type":2}',
    '{"id":"1","token":1,"type":2}',
  ])('signed "%s" gets 400', async (body) => {
    expect((await post(body)).status).toBe(400);
  });

  test('more than half a megabyte gets 413, told or not', async () => {
    const body = `"${'x'.repeat(600_000)}"`;
    expect((await post(body)).status).toBe(413);
    const status = await new Promise<number>((resolve, reject) => {
      const asked = httpRequest(
        url(),
        { method: 'POST', headers: { 'content-type': 'application/json' } },
        (answer) => {
          resolve(answer.statusCode ?? 0);
          answer.resume();
        },
      );
      asked.on('error', reject);
      asked.write(body); // chunked: nothing says how much it will be, and it never ends
    });
    expect(status).toBe(413);
  });

  test('the server goes on', async () => {
    expect((await post(interaction())).status).toBe(200);
  });
});

describe('stopping', () => {
  const start = () =>
    serveInteractions({
      port: 0,
      host: '127.0.0.1',
      publicKey: readPublicKey(hex),
      dispatch: (...o) => dispatch(...o),
      now: () => now,
      log,
    });

  test('while draining, interactions are answered and connections end with the answer', async () => {
    const other = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (): Promise<{ status: number; connection: string | undefined }> =>
      new Promise((resolve, reject) => {
        const body = interaction();
        const asked = httpRequest(url(other.port), { method: 'POST', agent, headers: signed(body) }, (answer) => {
          answer
            .resume()
            .once('end', () => resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection }));
        });
        asked.once('error', reject).end(body);
      });
    expect(await ask()).toEqual({ status: 200, connection: 'keep-alive' });
    other.drain();
    expect(await ask()).toEqual({ status: 200, connection: 'close' });
    await other.stop();
    await expect(ask()).rejects.toThrow('ECONNREFUSED');
    agent.destroy();
  });

  test('waits for answers that are owed and for work that was promised, and not for idle connections', async () => {
    const other = await start();
    const [answers, works] = [gate(), gate()];
    const order: string[] = [];
    dispatch = async (_interaction, _at, send: FirstAnswer = async () => 'expired') => {
      order.push('taken');
      await answers.opened;
      order.push(await send(deferred, 1_000));
      await works.opened;
      order.push('worked');
    };
    const silent = connect(other.port, '127.0.0.1');
    await new Promise((resolve) => silent.once('connect', resolve));
    const asked = post(interaction(), undefined, { port: other.port });
    await expect.poll(() => order).toEqual(['taken']);
    const stopped = other.stop().then(() => order.push('stopped'));
    answers.open();
    expect((await asked).status).toBe(200);
    await expect.poll(() => order).toEqual(['taken', 'mine']);
    works.open();
    await stopped;
    expect(order).toEqual(['taken', 'mine', 'worked', 'stopped']);
    silent.destroy();
  });
});
