import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitMs } from '#runtime/retry.ts';

/** Where one process takes requests and says whether it is ready. */
export type Backend = { readonly port: number; readonly healthPort: number };

/** What stands between Discord and several processes: a Kubernetes Service, or an ingress. */
export type Balancer = {
  readonly port: number;
  /** Requests that went to each backend, in their order. */
  readonly served: readonly number[];
  close(): Promise<void>;
};

/** How often it looks at /readyz: a pod's readiness probe asks each second or so, and the news takes as long again. */
const lookEveryMs = 100;

/**
 * Passes requests to the ready backends in turn, on connections that it keeps, and never twice: a backend that does not answer is a 502.
 * Like a real one it learns late that a backend is about to end.
 */
export async function startBalancer(backends: readonly Backend[]): Promise<Balancer> {
  const agents = backends.map(() => new Agent({ keepAlive: true }));
  const served = backends.map(() => 0);
  let ready: number[] = [];
  let next = 0;
  const stop = new AbortController();

  const isReady = async ({ healthPort }: Backend): Promise<boolean> => {
    const asked = fetch(`http://127.0.0.1:${healthPort}/readyz`, { signal: AbortSignal.timeout(1_000) });
    return asked.then(
      async (answer) => {
        await answer.text();
        return answer.ok;
      },
      () => false,
    );
  };
  const look = async (): Promise<void> => {
    const found = await Promise.all(backends.map(isReady));
    ready = found.flatMap((one, index) => (one ? [index] : []));
  };
  const looking = (async () => {
    while (!stop.signal.aborted) {
      await look();
      await waitMs(lookEveryMs, stop.signal).catch(() => undefined); // only the signal ends it
    }
  })();

  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    next += 1;
    const index = ready[next % ready.length];
    const backend = index === undefined ? undefined : backends[index];
    if (index === undefined || !backend) return void response.writeHead(503).end();
    served[index] = (served[index] ?? 0) + 1;
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port: backend.port, agent: agents[index], method, path: url, headers });
    onward.once('response', (answer) => {
      const { connection: _connection, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, rest);
      answer.pipe(response);
    });
    onward.once('error', () => {
      if (!response.headersSent) response.writeHead(502).end();
    });
    incoming.pipe(onward);
  };
  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    served,
    async close() {
      stop.abort();
      await looking;
      for (const agent of agents) agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
