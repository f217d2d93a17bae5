import { Logger, type Runner, run as runWorker, type TaskList } from 'graphile-worker';
import type { Log } from '#runtime/log.ts';
import { createPool, type Pool } from '#runtime/postgres.ts';
import { retry, waitMs } from '#runtime/retry.ts';
import type { Presence } from './presence.ts';

type ConnectCallback = Parameters<Pool['pg']['connect']>[0];

/** Runs jobs until it is stopped, however often the database goes away. */
export type JobRunner = {
  /** Lets the jobs that run come to their end. */
  stop(): Promise<void>;
};

/** What the library is started with. */
export type JobRunnerOptions = {
  databaseUrl: string;
  concurrency: number;
  tasks: TaskList;
  presence: Presence;
  log: Log;
  pollInterval?: number;
};

/**
 * Lets a connection that was taken by callback be given back twice. The library (0.18.0, main.js `listenForChanges`) does so when its connection
 * breaks while it begins to listen and it is being stopped; nobody handles what the pool throws then, and that ends the process.
 */
export function takeSecondRelease(pool: Pool['pg']): void {
  const connect: (callback?: ConnectCallback) => unknown = pool.connect.bind(pool);
  const forgiving = (callback?: ConnectCallback): unknown => {
    if (callback === undefined) return connect();
    return connect((error, client, release) => {
      let released = false;
      callback(error, client, (broken) => {
        if (released) return;
        released = true;
        release(broken);
      });
    });
  };
  Object.assign(pool, { connect: forgiving });
}

/**
 * Starts the queue's library, and starts it anew when it has lost the database: it neither tries again to tell that a job is done, nor knows of a
 * job that it was given by an answer that did not arrive. Both stay locked by the run that ended, so that run is retired (see presence.ts)
 * and its jobs run again.
 */
export async function startJobRunner(o: JobRunnerOptions): Promise<JobRunner> {
  const { log, presence } = o;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  const tasks = presence.watch(o.tasks);

  /** A run of the library, and the end of it with its connections. */
  async function begin(): Promise<{ runner: Runner; pool: Pool }> {
    // TRICKY: a pool that the library makes for itself loses its error listeners when a run ends, before its connections have ended; one that
    // breaks then would end the process.
    const pool = createPool({ url: o.databaseUrl, max: o.concurrency + 2, name: 'jobs', log, times: 'date' });
    try {
      takeSecondRelease(pool.pg);
      const runner = await runWorker({
        pgPool: pool.pg,
        concurrency: o.concurrency,
        ...(o.pollInterval !== undefined && { pollInterval: o.pollInterval }),
        taskList: tasks,
        noHandleSignals: true,
        // TRICKY: without batches the library (0.18.0, worker.js) does not look at whether a job's end could be told, and the rejection that nobody
        // handles ends the process. With them it stops in order. 0 ms: no job waits for another.
        preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
        logger: new Logger(({ jobId, taskIdentifier }) => (level, message, meta) => {
          const write = { error: 'warn', warning: 'warn', info: 'debug', debug: 'trace' } as const;
          // `meta` may hold a whole connection, its password included: of it only the error is told.
          log[write[level]]({ jobId, task: taskIdentifier, err: meta?.error }, message);
        }),
      });
      return { runner, pool };
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  /** Resolves when a run has ended, by itself or because it must, and lets go of its connections. */
  async function end({ runner, pool }: Awaited<ReturnType<typeof begin>>): Promise<void> {
    const ended = runner.promise.catch((err: unknown) => log.warn({ err }, 'job runner failed'));
    const lost = new Promise<void>((resolve) => {
      runner.events.once('worker:getJob:error', () => resolve());
      runner.events.once('pool:gracefulShutdown', () => resolve());
    });
    await Promise.race([ended, lost, stopped]);
    // TRICKY: after several ends that could not be told, the library (0.18.0, main.js `batch`) counts below zero and never ends: so that it began to
    // is enough. Its connections are closed as they are given back; a job that still runs then may run twice, as after a kill.
    const stop = runner.stop().catch(() => undefined); // it rejects only when the runner stops already
    await Promise.race([Promise.all([stop, ended]), waitMs(stopping.signal.aborted ? 12_000 : 5_000)]);
    await Promise.race([pool.end(), waitMs(1_000)]);
  }

  async function keepRunning(first: Awaited<ReturnType<typeof begin>>): Promise<void> {
    const policy = { attempts: Infinity, minMs: 100, maxMs: 5_000, signal: stopping.signal };
    for (let run = first; ; run = await retry(policy, begin)) {
      await end(run);
      if (stopping.signal.aborted) return;
      presence.retire();
      log.warn('jobs are run anew: the database was away');
    }
  }

  const running = keepRunning(await begin()).catch((err: unknown) => {
    if (!stopping.signal.aborted) log.error({ err }, 'jobs are not run any more');
  });
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
