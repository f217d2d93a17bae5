import { createServer } from 'node:http';
import type { Log } from './log.ts';
import { registry } from './telemetry.ts';

/** What a process says of itself to its supervisor. */
export type Health = {
  /** Adds a condition of readiness; it throws with the reason while the process is not ready. */
  check(name: string, test: () => Promise<void>): void;
  /** Binds /livez, /readyz and /metrics; port 0 takes a free one. */
  listen(port: number, host?: string): Promise<{ port: number }>;
  close(): Promise<void>;
};

const within = async (ms: number, work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** Makes the health server. `metricsText` replaces this process's metrics (the supervisor sums its children's). */
export function createHealth(o: { log: Log; metricsText?: () => Promise<string> }): Health {
  const checks = new Map<string, () => Promise<void>>();
  const answerReadiness = async (): Promise<{ status: number; body: string }> => {
    const failures: Record<string, string> = {};
    await Promise.all(
      [...checks].map(async ([name, test]) => {
        await within(2_000, test()).catch((error: unknown) => {
          failures[name] = error instanceof Error ? error.message : 'failed';
        });
      }),
    );
    const ready = Object.keys(failures).length === 0;
    return { status: ready ? 200 : 503, body: JSON.stringify({ ready, failures }) };
  };
  const answer = async (path: string): Promise<{ status: number; body: string; type?: string }> => {
    if (path === '/livez') return { status: 200, body: '{"live":true}' };
    if (path === '/readyz') return answerReadiness();
    if (path === '/metrics') {
      return { status: 200, body: await (o.metricsText ?? (() => registry.metrics()))(), type: registry.contentType };
    }
    return { status: 404, body: '{"error":"use /livez, /readyz or /metrics"}' };
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    answer(path)
      .then(({ status, body, type }) => {
        response.writeHead(status, { 'content-type': type ?? 'application/json' }).end(body);
      })
      .catch((err: unknown) => {
        o.log.error({ err }, 'health answer failed');
        response.writeHead(500).end();
      });
  });
  return {
    check: (name, test) => void checks.set(name, test),
    listen: (port, host = '0.0.0.0') =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          const address = server.address();
          resolve({ port: typeof address === 'object' && address ? address.port : port });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
