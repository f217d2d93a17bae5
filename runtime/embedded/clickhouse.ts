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

// Postgres, on the same disk in most cases, needs more than this within a minute at worst (see chdb-space.ts).
const defaultKeepFreeBytes = 128 * 2 ** 20;

/**
 * The child that serves ClickHouse's HTTP protocol on `folder`; it takes a free port, and the same one when it is restarted. It takes no rows
 * while less than `keepFreeBytes` (128 MiB) are free on the disk.
 */
export function chdbChild(folder: string, keepFreeBytes = defaultKeepFreeBytes): ChildSpec<ChdbReady> {
  requireChdb();
  return {
    name: 'chdb',
    args: (before) => [server, folder, String(before?.port ?? 0), String(keepFreeBytes)],
    env: { UV_THREADPOOL_SIZE: '16', TZ: 'UTC' },
    patienceMs: 10_000,
  };
}
