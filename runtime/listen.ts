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
  /** How often the server is asked whether it is there, and how long it may take to answer. */
  askEveryMs?: number;
  answerWithinMs?: number;
};

const askEveryMs = 20_000;
const answerWithinMs = 5_000;

/** Listens on one connection of its own and reconnects for ever, after 0.2 to 5 s. A server that is silent counts as gone. Resolves when the first connection listens. */
export async function listen(o: Options): Promise<{ close(): Promise<void> }> {
  const stop = new AbortController();
  let client: pg.Client | undefined;
  let connections = 0;

  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString: o.url,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
      query_timeout: o.answerWithinMs ?? answerWithinMs,
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
    // A listener only waits: that the other end is gone (a half-open connection) would never be noticed.
    const asking = setInterval(() => {
      fresh.query('select 1').catch(async (err: unknown) => {
        o.log.warn({ err }, 'listening connection does not answer');
        await fresh.end().catch(() => undefined); // 'end' follows, and with it the next connection
      });
    }, o.askEveryMs ?? askEveryMs);
    client = fresh;
    connections += 1;
    if (connections > 1) o.onReconnect();
    // Runs until close(), which ends it.
    void ended.then(() => {
      clearInterval(asking);
      return stop.signal.aborted ? undefined : reconnect();
    });
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
