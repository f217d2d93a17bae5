import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A cable between a client and a server, that a test can pull, cut or leave half-open. */
export type Proxy = {
  readonly port: number;
  /** Ends every connection at once, without a word (RST). */
  cut(): void;
  /**
   * Connections stay open and nothing passes any more, in no direction, for good; new ones work. The server's end is reset after `noticedAfterMs`:
   * its keep-alive has found nobody then.
   */
  abandon(noticedAfterMs?: number): void;
  /** While `isDown`, new connections are refused as soon as they are made, and old ones are cut. */
  setDown(isDown: boolean): void;
  close(): Promise<void>;
};

/** Listens on 127.0.0.1 and passes everything on to `port` there. */
export async function startProxy(port: number): Promise<Proxy> {
  const pairs = new Set<{ near: Socket; far: Socket }>();
  let isDown = false;
  const server = createServer((near) => {
    if (isDown) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    const pair = { near, far };
    pairs.add(pair);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      one.on('error', () => undefined); // its close follows
      one.once('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    abandon(noticedAfterMs = Infinity) {
      for (const { near, far } of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
        if (noticedAfterMs < Infinity) setTimeout(() => far.resetAndDestroy(), noticedAfterMs).unref();
      }
    },
    setDown(down) {
      isDown = down;
      if (down) cut();
    },
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
