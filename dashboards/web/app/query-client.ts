import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../data/request.ts';

// A refusal stays a refusal; what may pass by itself is tried once more.
const isWorthRetrying = (failures: number, err: Error) =>
  failures < 1 && !(err instanceof ApiError && err.status >= 400 && err.status < 500);

/** Figures stay on the screen until newer ones have arrived; the stream says when to ask again. */
export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: { retry: isWorthRetrying, retryDelay: 500, staleTime: 10_000, refetchOnWindowFocus: true },
    },
  });
