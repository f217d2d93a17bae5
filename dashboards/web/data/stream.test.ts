import type { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRefresher } from './stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const desk = () => {
  const state = { fetching: 0, reads: 0 };
  const queries = {
    isFetching: () => state.fetching,
    invalidateQueries: async () => {
      state.reads += 1;
    },
  } as unknown as QueryClient;
  return { state, refresher: createRefresher(queries, ['figures'], 1_000) };
};

it('reads at once on the first change', () => {
  const { state, refresher } = desk();
  refresher.changed();
  expect(state.reads).toBe(1);
  refresher.stop();
});

it('reads once a second while changes keep coming, and after the last of them', () => {
  const { state, refresher } = desk();
  for (let i = 0; i < 25; i += 1) {
    refresher.changed();
    vi.advanceTimersByTime(100);
  }
  expect(state.reads).toBe(3);
  vi.advanceTimersByTime(5_000);
  expect(state.reads).toBe(4);
});

it('waits for a reading under way and reads again, because it may have missed the change', () => {
  const { state, refresher } = desk();
  state.fetching = 1;
  refresher.changed();
  expect(state.reads).toBe(0);
  vi.advanceTimersByTime(3_000);
  expect(state.reads).toBe(0);
  state.fetching = 0;
  vi.advanceTimersByTime(1_000);
  expect(state.reads).toBe(1);
});

it('reads nothing after it was stopped', () => {
  const { state, refresher } = desk();
  refresher.changed();
  refresher.changed();
  refresher.stop();
  vi.advanceTimersByTime(5_000);
  expect(state.reads).toBe(1);
});
