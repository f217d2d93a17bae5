import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Overview, UserFigures, WindowDays } from '#analytics/query/types.ts';
import { getJson } from './request.ts';
import type { Guild, GuildSummary, Session, Ticket, TicketPage, Transcript } from './types.ts';

const guildPath = (guildId: string) => `/api/guilds/${encodeURIComponent(guildId)}`;

/** Everything that a server's stream may make stale stands under one of these two keys. */
export const figuresKey = (guildId: string) => ['guild', guildId, 'figures'] as const;
export const ticketsKey = (guildId: string) => ['guild', guildId, 'tickets'] as const;

export const sessionQuery = () =>
  queryOptions({
    queryKey: ['session'],
    queryFn: ({ signal }) => getJson<Session>('/api/session', signal),
    staleTime: 5 * 60_000,
  });

export const guildsQuery = () =>
  queryOptions({
    queryKey: ['guilds'],
    queryFn: async ({ signal }) => (await getJson<{ guilds: GuildSummary[] }>('/api/guilds', signal)).guilds,
    staleTime: 60_000,
  });

export const guildQuery = (guildId: string) =>
  queryOptions({
    queryKey: [...ticketsKey(guildId), 'guild'],
    queryFn: ({ signal }) => getJson<Guild>(guildPath(guildId), signal),
  });

export const overviewQuery = (guildId: string, days: WindowDays) =>
  queryOptions({
    queryKey: [...figuresKey(guildId), 'overview', days],
    queryFn: ({ signal }) => getJson<Overview>(`${guildPath(guildId)}/analytics/overview?days=${days}`, signal),
    // While another window is read the old figures stay, but never another server's.
    placeholderData: (previous: Overview | undefined, query) => (query?.queryKey[1] === guildId ? previous : undefined),
  });

export const userQuery = (guildId: string, userId: string, days: WindowDays) =>
  queryOptions({
    queryKey: [...figuresKey(guildId), 'user', userId, days],
    queryFn: ({ signal }) => {
      const path = `${guildPath(guildId)}/analytics/users/${encodeURIComponent(userId)}?days=${days}`;
      return getJson<UserFigures>(path, signal);
    },
    // Another person's figures must never stand under this one's name, so only the window may be an older one.
    placeholderData: (previous: UserFigures | undefined, query) =>
      query?.queryKey[4] === userId ? previous : undefined,
  });

export const ticketsQuery = (guildId: string, status: 'open' | 'closed') =>
  infiniteQueryOptions({
    queryKey: [...ticketsKey(guildId), 'list', status],
    queryFn: ({ signal, pageParam }) => {
      const cursor = pageParam === null ? '' : `&cursor=${encodeURIComponent(pageParam)}`;
      return getJson<TicketPage>(`${guildPath(guildId)}/tickets?status=${status}&limit=50${cursor}`, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const ticketQuery = (guildId: string, ticketId: string) =>
  queryOptions({
    queryKey: [...ticketsKey(guildId), ticketId],
    queryFn: ({ signal }) => getJson<Ticket>(`${guildPath(guildId)}/tickets/${encodeURIComponent(ticketId)}`, signal),
  });

export const transcriptQuery = (guildId: string, ticketId: string) =>
  queryOptions({
    queryKey: [...ticketsKey(guildId), ticketId, 'transcript'],
    queryFn: ({ signal }) =>
      getJson<Transcript>(`${guildPath(guildId)}/tickets/${encodeURIComponent(ticketId)}/transcript`, signal),
  });
