import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClickHouse, createClickhouse } from '#analytics/clickhouse/client.ts';
import { migrateClickhouse } from '#analytics/clickhouse/migrate.ts';
import { startChild } from '#runtime/embedded/children.ts';
import { type ChdbReady, chdbChild } from '#runtime/embedded/clickhouse.ts';
import { ensureDatabase, startPostgres } from '#runtime/embedded/postgres.ts';
import { createLog, type Log } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres.ts';
import type { Ctx } from '#tickets/context.ts';
import { createKeyring } from '#tickets/crypto.ts';
import { migrate } from '#tickets/store/migrate.ts';

/** Real databases of one machine, as `up` starts them, on a folder of their own. */
export type Bed = { pool: Pool; url: string; clickhouse: ClickHouse; ctx: Ctx; log: Log; close(): Promise<void> };

/** A Postgres of its own with Docket's schema. */
export async function makePostgres(): Promise<{ url: string; folder: string; log: Log; close(): Promise<void> }> {
  const log = createLog({ role: 'bench', level: 'warn' });
  const folder = await mkdtemp(join(tmpdir(), 'docket-bench-'));
  await chmod(folder, 0o755); // as root, Postgres runs as another user and has to pass through
  const postgres = await startPostgres({ folder: join(folder, 'postgres'), password: 'bench', log });
  await ensureDatabase(postgres, 'docket');
  const url = postgres.url('docket');
  await migrate({ url, log });
  return {
    url,
    folder,
    log,
    async close() {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a bed; everything in it is durable, so that figures are those of the product. */
export async function makeBed(connections = 16): Promise<Bed> {
  const postgres = await makePostgres();
  const { url, folder, log } = postgres;
  const chdb = await startChild<ChdbReady>(chdbChild(join(folder, 'chdb')), {
    folder: join(folder, 'run'),
    log,
    onGiveUp: () => undefined,
  });
  const clickhouse = createClickhouse({ url: `http://127.0.0.1:${chdb.ready.port}`, database: 'docket' });
  await clickhouse.createDatabase();
  await migrateClickhouse(clickhouse);
  const pool = createPool({ url, name: 'bench', max: connections, log });
  const keys = createKeyring(randomBytes(32).toString('base64'));
  return {
    pool,
    url,
    clickhouse,
    ctx: { db: pool, log, now: () => Date.now(), keys, premium: 'everyone' },
    log,
    async close() {
      await pool.end();
      await clickhouse.close();
      await chdb.stop();
      await postgres.close();
    },
  };
}

/** The q-quantile (0..1) of a list, by the nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** Milliseconds of a piece of work, by the monotonic clock. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** A server's id, and others of a server, that look like Discord's. */
export const snowflake = (n: number): string => String(1_100_000_000_000_000_000n + BigInt(n));

/** What Discord would tell about a server. */
export const profile = (name: string) => ({
  name,
  ownerId: snowflake(900_000),
  iconHash: null,
  memberCount: 100,
  locale: 'en-GB',
});
