import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { sessionQuery } from '../data/queries.ts';
import { ApiError } from '../data/request.ts';

/** Watches for the first answer that says the session is over, and then reads who is signed in anew. */
export const useSessionEnd = () => {
  const queries = useQueryClient();
  return useCallback(
    () =>
      queries.getQueryCache().subscribe(({ query, type }) => {
        const { error } = query.state;
        if (type !== 'updated' || query.queryKey[0] === 'session') return;
        if (!(error instanceof ApiError) || error.status !== 401) return;
        if (queries.isFetching(sessionQuery()) > 0) return;
        void queries.invalidateQueries(sessionQuery()); // a failure leaves the page as it is
      }),
    [queries],
  );
};
