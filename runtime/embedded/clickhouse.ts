import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ChildSpec } from './children.ts';

/** What the chdb child announces. */
export type ChdbReady = { readonly port: number };

const server = fileURLToPath(new URL('./chdb-server.ts', import.meta.url));

/** Throws, with what to do instead, where chdb does not exist: it is an optional dependency (Linux with glibc, macOS). */
function requireChdb(): void {
  const platform = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`;
  try {
    const { resolve } = createRequire(import.meta.url);
    createRequire(resolve('chdb')).resolve(`@chdb/lib-${platform}/package.json`);
  } catch (cause) {
    const why = 'ClickHouse cannot be embedded on this machine';
    throw new Error(`${why}. Run a ClickHouse server and set CLICKHOUSE_URL.`, { cause });
  }
}

/** The child that serves ClickHouse's HTTP protocol on `folder`; it takes a free port, and the same one when it is restarted. */
export function chdbChild(folder: string): ChildSpec<ChdbReady> {
  requireChdb();
  return {
    name: 'chdb',
    args: (before) => [server, folder, String(before?.port ?? 0)],
    env: { UV_THREADPOOL_SIZE: '16', TZ: 'UTC' },
    patienceMs: 10_000,
  };
}
