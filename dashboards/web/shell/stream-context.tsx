import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react';
import { openStream, type StreamState } from '../data/stream.ts';

type Stream = { state: StreamState; pause: () => void; resume: () => void };
const StreamContext = createContext<Stream>({ state: 'connecting', pause: () => {}, resume: () => {} });

/** How the page's figures are kept fresh. */
export const useStream = () => use(StreamContext);

/** Keeps one stream of a server open for all of its pages, unless the reader pauses it (WCAG 2.2.2). */
export const StreamProvider = ({ guildId, children }: { guildId: string; children: ReactNode }) => {
  const queries = useQueryClient();
  const [state, setState] = useState<StreamState>('connecting');
  const [isPaused, setPaused] = useState(false);
  useEffect(() => {
    if (isPaused) return;
    const stream = openStream(queries, guildId, setState);
    return stream.close;
  }, [queries, guildId, isPaused]);
  const value = useMemo(
    () => ({
      state: isPaused ? ('paused' as const) : state,
      pause: () => setPaused(true),
      resume: () => {
        setPaused(false);
        void queries.invalidateQueries({ queryKey: ['guild', guildId] }); // what changed meanwhile
      },
    }),
    [isPaused, state, queries, guildId],
  );
  return <StreamContext value={value}>{children}</StreamContext>;
};
