import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { listen } from '#runtime/listen.ts';
import { createLog } from '#runtime/log.ts';
import { sql } from '#runtime/postgres.ts';
import { testDatabase } from '#test/harness/postgres.ts';

const { url, pool } = await testDatabase();

/** Postgres behind a proxy whose connections can be cut, or go silent while they stay open. */
async function proxied() {
  const pairs: [Socket, Socket][] = [];
  const { hostname, port } = new URL(url);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    pairs.push([near, far]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = new URL(url);
  address.hostname = '127.0.0.1';
  address.port = String((server.address() as AddressInfo).port);
  return {
    url: address.href,
    pairs,
    cut: () => pairs.forEach(([near]) => near.resetAndDestroy()),
    silence: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    close: () => {
      server.close();
      pairs.forEach(([near]) => near.destroy());
    },
  };
}

test.each(['cut', 'silence'] as const)('after a connection that is %s it listens anew and says so', async (fault) => {
  const proxy = await proxied();
  const heard: string[] = [];
  let reconnects = 0;
  const listener = await listen({
    url: proxy.url,
    channels: ['docket_test'],
    log: createLog({ role: 'test', level: 'silent' }),
    onNotify: (channel, payload) => void heard.push(`${channel} ${payload}`),
    onReconnect: () => void (reconnects += 1),
    askEveryMs: 300,
    answerWithinMs: 200,
  });
  const tell = (payload: string) => pool.query(sql`select pg_notify('docket_test', ${payload})`);
  await tell('before');
  await expect.poll(() => heard).toEqual(['docket_test before']);
  proxy[fault]();
  await expect.poll(() => reconnects, { timeout: 10_000 }).toBe(1);
  expect(proxy.pairs).toHaveLength(2);
  await tell('after');
  await expect.poll(() => heard.at(-1)).toBe('docket_test after');
  await listener.close();
  proxy.close();
});
