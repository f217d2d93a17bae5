import { waitMs } from '../retry.ts';
import { type EmbeddedPostgres, type PostgresOptions, startPostgres } from './postgres.ts';
import { isAlive } from './processes.ts';
import { createRestartBudget } from './restart-budget.ts';

const lookEveryMs = 500;

/**
 * As startPostgres, and starts it again on the same port whenever it has ended by itself. `onGiveUp` is called when it ended five
 * times within a minute or cannot be started. It is nobody's child (it must outlive a Ctrl-C), so its end is looked for.
 */
export async function keepPostgres(
  o: PostgresOptions & { onGiveUp: (name: string, lastWords: string) => void },
): Promise<EmbeddedPostgres> {
  let server = await startPostgres(o);
  const stopping = new AbortController();
  const nextPauseMs = createRestartBudget();

  const watch = async (): Promise<void> => {
    for (;;) {
      await waitMs(lookEveryMs, stopping.signal);
      if (isAlive(server.pid, 'postgres')) continue;
      const pauseMs = nextPauseMs();
      if (pauseMs === null) throw new Error('Postgres ended five times within a minute');
      o.log.warn('Postgres ended and is started again');
      await waitMs(pauseMs, stopping.signal);
      server = await startPostgres({ ...o, port: server.port });
    }
  };
  const watching = watch().catch((error: unknown) => {
    if (!stopping.signal.aborted) o.onGiveUp('postgres', error instanceof Error ? error.message : String(error));
  });
  return {
    port: server.port,
    get pid() {
      return server.pid;
    },
    url: (database) => server.url(database),
    async stop() {
      stopping.abort();
      await watching;
      await server.stop();
    },
  };
}
