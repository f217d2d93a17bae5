import type { TaskList } from 'graphile-worker';
import type pg from 'pg';
import { type Sql, sql } from '#runtime/postgres.ts';
import { retry } from '#runtime/retry.ts';
import type { Ctx } from '#tickets/context.ts';

/**
 * The queue's library locks a job, and its ticket's queue with it, until the worker says that it is done; after kill -9 nobody says so, and the
 * ticket would stand still for four hours. So every worker holds an advisory lock while its process lives, which Postgres itself takes away with the
 * connection, and whoever finds a job locked by a worker without one sets it free.
 */
export type Presence = {
  /** The same tasks, each started only once its worker is known to live. */
  watch(tasks: TaskList): TaskList;
  /** The workers of this process have ended, though the process lives: the next look frees what they left. */
  retire(): void;
  stop(): Promise<void>;
};

/** The first key of the locks; the second is the worker's name. Any number does that nothing else uses. */
const lockClass = 727_001_002;
const everyMs = 5_000;

/**
 * Keeps the locks of this process's workers on a connection of their own, and frees what dead workers left. A worker counts as dead when two looks,
 * `everyMs` apart, find its jobs locked and its own lock free: a connection that breaks has that long to come back.
 */
export async function startPresence(ctx: Pick<Ctx, 'db' | 'log'>, o: { everyMs?: number } = {}): Promise<Presence> {
  const { log } = ctx;
  const stopping = new AbortController();
  const own = new Set<string>();
  const retired = new Set<string>();
  let suspects = new Set<string>();
  let connecting: Promise<pg.PoolClient> | undefined;

  async function connect(): Promise<pg.PoolClient> {
    const client = await ctx.db.pg.connect();
    client.once('end', () => {
      // Unless it was given back by `stop`: a broken connection is taken out of the pool, and the next look opens another.
      if (stopping.signal.aborted) return;
      connecting = undefined;
      client.release(true);
    });
    for (const workerId of own) await hold(client, workerId);
    return client;
  }
  const connection = (): Promise<pg.PoolClient> => {
    connecting ??= retry({ attempts: Infinity, minMs: 100, maxMs: 2_000, signal: stopping.signal }, connect);
    return connecting;
  };

  async function join(workerId: string): Promise<void> {
    if (own.has(workerId)) return;
    own.add(workerId);
    await hold(await connection(), workerId);
  }

  async function look(): Promise<void> {
    const client = await connection();
    const rows = await ask<{ workerId: string }>(client, lockedJobs);
    const dead = rows.flatMap(({ workerId }) => (retired.has(workerId) ? [workerId] : []));
    const seen = new Set<string>();
    for (const { workerId } of rows) {
      if (own.has(workerId) || retired.has(workerId)) continue;
      if (!(await hold(client, workerId))) continue;
      await ask(client, sql`select pg_advisory_unlock(${lockClass}, hashtext(${workerId}))`);
      seen.add(workerId);
      if (suspects.has(workerId)) dead.push(workerId);
    }
    suspects = seen;
    if (dead.length === 0) return;
    await ask(client, sql`select graphile_worker.force_unlock_workers(${dead})`);
    log.warn({ workers: dead.length }, 'jobs of dead workers were set free');
  }

  let looking = Promise.resolve();
  const tick = (): void => {
    looking = look().catch((err: unknown) => {
      if (!stopping.signal.aborted) log.warn({ err }, 'looking for dead workers failed');
    });
  };
  await connection();
  tick();
  const timer = setInterval(tick, o.everyMs ?? everyMs);

  return {
    watch: (tasks) =>
      Object.fromEntries(
        Object.entries(tasks).map(([name, task]) => [
          name,
          async (payload, helpers) => {
            if (helpers.job.locked_by) await join(helpers.job.locked_by);
            return task?.(payload, helpers);
          },
        ]),
      ),
    retire() {
      // Never forgotten, as an answer that is still on its way may give them a job; a run ends rarely, and its name is short.
      for (const workerId of own) retired.add(workerId);
      own.clear();
    },
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await looking;
      // The locks belong to the session: a connection that went back to the pool would keep them.
      await connecting?.then(
        (client) => client.release(true),
        () => undefined,
      );
    },
  };
}

async function ask<Row>(client: pg.PoolClient, statement: Sql): Promise<Row[]> {
  const { rows } = await client.query({ text: statement.text, values: [...statement.values] });
  return rows as Row[];
}

/** Takes a worker's lock, or has it already; false when another session holds it. */
async function hold(client: pg.PoolClient, workerId: string): Promise<boolean> {
  const statement = sql`select pg_try_advisory_lock(${lockClass}, hashtext(${workerId})) as "isFree"`;
  const [row] = await ask<{ isFree: boolean }>(client, statement);
  return row?.isFree ?? false;
}

const lockedJobs = sql`
  select locked_by as "workerId" from graphile_worker._private_jobs where locked_by is not null
  union select locked_by from graphile_worker._private_job_queues where locked_by is not null`;
