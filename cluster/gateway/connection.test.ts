import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createLog } from '#runtime/log.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';

const log = createLog({ role: 'test', level: 'silent' });
const session = (resumeUrl: string) => ({ sessionId: 's', resumeUrl, sequence: 7 });

/** A server that accepts connections and never says a word. */
async function silent() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function open(o: Partial<ConnectionOptions> & { url: string }) {
  const limit = { total: 1, remaining: 1, reset_after: 1, max_concurrency: 1 };
  return openConnection({
    shardId: 0,
    shardCount: 1,
    token: 'token',
    intents: 1,
    gateway: { url: o.url, shards: 1, session_start_limit: limit },
    session: session(o.url),
    waitForIdentify: () => new Promise(() => undefined),
    beforeConnect: async () => undefined,
    onDispatch: () => undefined,
    onSession: () => undefined,
    onFatal: () => undefined,
    log,
    ...o,
  });
}

test('closed in the middle of its handshake it stays closed, and the handshake’s end harms nobody', async () => {
  const { server, url } = await silent();
  const accepted = once(server, 'connection');
  const connection = open({ url });
  const [socket] = (await accepted) as [Socket];
  await connection.close();
  const again = once(server, 'connection');
  socket.resetAndDestroy(); // an error without a listener would fail this file
  server.close();
  await Promise.race([once(server, 'close'), again.then(() => expect.unreachable('it came back'))]);
  expect(connection.session()).toEqual(session(url));
});

test('a stored address that is none is replaced by the general one', async () => {
  const { server, url } = await silent();
  const accepted = once(server, 'connection');
  const connection = open({ url, session: session('nonsense') });
  const [socket] = (await accepted) as [Socket];
  expect(connection.session()?.sessionId).toBe('s');
  await connection.close();
  socket.destroy();
  server.close();
});

test('it does not connect before there is room, and never when it was closed meanwhile', async () => {
  const { server, url } = await silent();
  let isConnected = false;
  server.on('connection', () => {
    isConnected = true;
  });
  let open_: () => void = () => undefined;
  const room = new Promise<void>((resolve) => {
    open_ = resolve;
  });
  const connection = open({ url, beforeConnect: () => room });
  await connection.close();
  open_();
  await room;
  server.close();
  await once(server, 'close');
  expect(isConnected).toBe(false);
});
