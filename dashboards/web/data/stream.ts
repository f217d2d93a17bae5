import type { QueryClient } from '@tanstack/react-query';
import { figuresKey, ticketsKey } from './queries.ts';

/** What the page knows of its stream: `paused` by the reader, `lost` by the network. */
export type StreamState = 'connecting' | 'live' | 'lost' | 'paused';

/** A busy server changes many times a second; figures are read at most this often, and always after the last change. */
const READ_EVERY_MS = 1_000;
/** The server ends a stream every ten minutes; within this time a new one is no loss worth a word. */
const GRACE_MS = 5_000;
const RETRY_MS = 5_000;

/** Reads `queryKey` again: at once, then at most once a second while changes keep coming. */
export const createRefresher = (queries: QueryClient, queryKey: readonly unknown[], everyMs = READ_EVERY_MS) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  const read = () => {
    timer = undefined;
    if (!isWanted) return;
    // A reading that is under way may have missed the change: let it finish, then read once more.
    if (queries.isFetching({ queryKey }) === 0) {
      isWanted = false;
      void queries.invalidateQueries({ queryKey }); // its failure is each query's own
    }
    timer = setTimeout(read, everyMs);
  };
  return {
    changed: () => {
      isWanted = true;
      if (timer === undefined) read();
    },
    stop: () => clearTimeout(timer),
  };
};

/** Follows a server's changes until closed; tells `onState` how it goes. */
export const openStream = (queries: QueryClient, guildId: string, onState: (state: StreamState) => void) => {
  const figures = createRefresher(queries, figuresKey(guildId));
  const tickets = createRefresher(queries, ticketsKey(guildId));
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  let hasBeenOpen = false;

  const open = () => {
    source = new EventSource(`/api/guilds/${encodeURIComponent(guildId)}/stream`);
    source.addEventListener('figures', figures.changed);
    source.addEventListener('tickets', tickets.changed);
    source.onopen = () => {
      clearTimeout(grace);
      grace = undefined;
      onState('live');
      // What changed while nobody listened.
      if (hasBeenOpen) {
        figures.changed();
        tickets.changed();
      }
      hasBeenOpen = true;
    };
    source.onerror = () => {
      grace ??= setTimeout(() => onState('lost'), hasBeenOpen ? GRACE_MS : 0);
      // The browser reconnects by itself, but not after an answer that was no stream.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY_MS);
    };
  };
  onState('connecting');
  open();
  return {
    close: () => {
      clearTimeout(retry);
      clearTimeout(grace);
      figures.stop();
      tickets.stop();
      source?.close();
    },
  };
};
