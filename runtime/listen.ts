import pg from 'pg';
import type { Log } from './log.ts';
import { waitMs } from './retry.ts';

type Options = {
  url: string;
  channels: readonly string[];
  log: Log;
  onNotify: (channel: string, payload: string) => void;
  /** Called after each connection but the first: what was said meanwhile is lost, so caches must be dropped. */
  onReconnect: () => void;
};

/** Listens on one connection of its own and reconnects for ever, after 0.2 to 5 s. Resolves when the first connection listens. */
export async function listen(o: Options): Promise<{ close(): Promise<void> }> {
  const stop = new AbortController();
  let client: pg.Client | undefined;
  let connections = 0;

  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString: o.url,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      application_name: 'docket-listen',
    });
    const ended = new Promise<void>((resolve) => {
      fresh.once('end', resolve);
    });
    fresh.on('error', (err) => o.log.warn({ err }, 'listening connection broke'));
    fresh.on('notification', (message) => o.onNotify(message.channel, message.payload ?? ''));
    try {
      await fresh.connect();
      for (const channel of o.channels) await fresh.query(`listen ${fresh.escapeIdentifier(channel)}`);
    } catch (error) {
      await fresh.end().catch(() => undefined);
      throw error;
    }
    client = fresh;
    connections += 1;
    if (connections > 1) o.onReconnect();
    void ended.then(() => (stop.signal.aborted ? undefined : reconnect())); // runs until close(), which ends it
  };

  const reconnect = async (): Promise<void> => {
    for (let wait = 200; !stop.signal.aborted; wait = Math.min(5_000, wait * 2)) {
      try {
        await waitMs(wait, stop.signal);
        await connect();
        return;
      } catch (err) {
        if (!stop.signal.aborted) o.log.warn({ err }, 'listening connection could not be opened');
      }
    }
  };

  await connect();
  return {
    async close() {
      stop.abort();
      await client?.end();
    },
  };
}
