import type { ServerResponse } from 'node:http';
import type { Log } from '#runtime/log.ts';
import { listen } from '#runtime/listen.ts';
import { metrics } from '#runtime/telemetry.ts';

/** What a stream may say: that figures, or lists of tickets, are worth reading again. */
export type StreamEvent = 'figures' | 'tickets';

/** Open event streams of this process. */
export type Streams = {
  /** Whether this person, and this process, may have one more. */
  hasRoom(ownerId: string): boolean;
  /** Writes events to `response` until it closes. */
  open(response: ServerResponse, guildId: string, ownerId: string): void;
  /** Tells the streams of these guilds, or of all, within `FLUSH_MS`. */
  push(event: StreamEvent, guildIds: readonly string[] | 'all'): void;
  close(): void;
};

type Client = { response: ServerResponse; guildId: string; ownerId: string; endsAt: number };

// Changes come in bursts (one NOTIFY per drained batch); a page needs to hear of a burst once. Well within design.md 6's 2 s.
const FLUSH_MS = 200;
// Below the 30-60 s after which common proxies cut a silent connection.
const HEARTBEAT_MS = 20_000;
// Rights are checked when a stream opens. The browser opens it anew by itself, so lost rights end within this time.
const LIFETIME_MS = 10 * 60_000;
const MAX_CLIENTS = 2_000;
const MAX_PER_PERSON = 10;
// A reader this far behind is not reading; it is cut off instead of being kept in memory.
const MAX_BUFFERED_BYTES = 64 * 1_024;
const MAX_GUILDS_WAITING = 10_000;

/** Makes the register of open streams; `connectStreams` feeds it. */
export function createStreams(o: { now: () => number }): Streams {
  const clients = new Map<string, Set<Client>>();
  const waiting = new Map<StreamEvent, Set<string> | 'all'>();
  let count = 0;
  let flushTimer: NodeJS.Timeout | undefined;

  const write = (client: Client, text: string): void => {
    if (client.response.writableLength > MAX_BUFFERED_BYTES) client.response.destroy();
    else client.response.write(text);
  };
  const everyone = (): Client[] => [...clients.values()].flatMap((set) => [...set]);
  const flush = (): void => {
    flushTimer = undefined;
    for (const [event, guildIds] of waiting) {
      const reached = guildIds === 'all' ? everyone() : [...guildIds].flatMap((id) => [...(clients.get(id) ?? [])]);
      for (const client of reached) write(client, `event: ${event}\ndata: {}\n\n`);
    }
    waiting.clear();
  };
  const heartbeat = setInterval(() => {
    for (const client of everyone()) {
      if (client.endsAt <= o.now()) client.response.end();
      else write(client, ': here\n\n');
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    hasRoom(ownerId) {
      const mine = everyone().filter((client) => client.ownerId === ownerId).length;
      return count < MAX_CLIENTS && mine < MAX_PER_PERSON;
    },
    open(response, guildId, ownerId) {
      if (response.destroyed) return; // the reader left while its rights were read
      const client: Client = { response, guildId, ownerId, endsAt: o.now() + LIFETIME_MS };
      const set = clients.get(guildId) ?? new Set();
      clients.set(guildId, set.add(client));
      count += 1;
      metrics.streams.set(count);
      response.once('close', () => {
        set.delete(client);
        if (set.size === 0) clients.delete(guildId);
        count -= 1;
        metrics.streams.set(count);
      });
      write(client, 'retry: 2000\n\n');
    },
    push(event, guildIds) {
      const before = waiting.get(event);
      if (guildIds === 'all' || before === 'all') waiting.set(event, 'all');
      else {
        const all = new Set([...(before ?? []), ...guildIds.filter((id) => clients.has(id))]);
        waiting.set(event, all.size > MAX_GUILDS_WAITING ? 'all' : all);
      }
      flushTimer ??= setTimeout(flush, FLUSH_MS);
    },
    close() {
      clearInterval(heartbeat);
      clearTimeout(flushTimer);
      for (const client of everyone()) client.response.end();
    },
  };
}

const channels: Record<string, StreamEvent> = { docket_figures: 'figures', docket_tickets: 'tickets' };

/** Feeds the streams from Postgres. After a lost connection everybody is told to read again. */
export async function connectStreams(o: {
  databaseUrl: string;
  streams: Streams;
  log: Log;
}): Promise<{ close(): Promise<void> }> {
  return listen({
    url: o.databaseUrl,
    channels: Object.keys(channels),
    log: o.log,
    onNotify: (channel, payload) => {
      const event = channels[channel];
      if (event) o.streams.push(event, guildIdsOf(payload));
    },
    onReconnect: () => {
      for (const event of Object.values(channels)) o.streams.push(event, 'all');
    },
  });
}

/** Reads a notification: a JSON array of guild ids, or "all". What cannot be read concerns everybody. */
export function guildIdsOf(payload: string): string[] | 'all' {
  try {
    const value: unknown = JSON.parse(payload);
    return Array.isArray(value) ? value.map(String) : 'all';
  } catch {
    return 'all';
  }
}
