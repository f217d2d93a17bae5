import type { Log } from '#runtime/log.ts';
import type { Db } from '#runtime/postgres.ts';
import { settledChannels } from '#tickets/store/fleet/shard-channels.ts';
import { keepUnlistedMs, type TicketChannel } from './channels.ts';

/**
 * Channels that Docket made and that their tickets do not name yet. Their events are unfinished until then: a process that ends in between
 * leaves the next owner of the shard nothing in the store, and only a RESUME from before the event brings the channel again.
 */
export type NewChannels = {
  /** One was made. `done` is called once its ticket names it, or never will. */
  seen(channel: TicketChannel, done: () => void): void;
  /** It was deleted. */
  gone(channelId: string): void;
  stop(): void;
};

/** A ticket names its channel some tenths of a second after Discord told of it. */
const lookEveryMs = 500;
/** An opening lasts no longer than its reservation; with more under way than this something is wrong, and the oldest give way. */
const max = 10_000;

/** Nothing is waited for at first. Asks the store only while something is. */
export function createNewChannels(o: { db: Db; now: () => number; log: Log }): NewChannels {
  const waiting = new Map<string, { channel: TicketChannel; since: number; done: () => void }>();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const finish = (channelId: string): void => {
    const one = waiting.get(channelId);
    waiting.delete(channelId);
    one?.done();
  };
  const look = async (): Promise<void> => {
    const channels = [...waiting.values()].map(({ channel }) => channel);
    for (const channelId of await settledChannels(o.db, channels)) finish(channelId);
    for (const [channelId, { since }] of waiting) if (o.now() - since > keepUnlistedMs) finish(channelId);
  };
  const lookSoon = (): void => {
    if (timer || isStopped || waiting.size === 0) return;
    timer = setTimeout(() => {
      look()
        .catch((err: unknown) => o.log.warn({ err }, 'new channels could not be compared with the store yet'))
        .finally(() => {
          timer = undefined;
          lookSoon();
        });
    }, lookEveryMs);
  };

  return {
    seen(channel, done) {
      finish(channel.channelId); // told twice: the later event has the higher number
      const oldest = waiting.size >= max ? waiting.keys().next().value : undefined;
      if (oldest !== undefined) finish(oldest);
      waiting.set(channel.channelId, { channel, since: o.now(), done });
      lookSoon();
    },
    gone: finish,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
