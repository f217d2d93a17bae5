import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';

/** Kills, hand-over, brokers, charts: slow, one after the other, each on a stack of its own. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts', 'test/chart/**/*.test.ts', 'test/grafana/**/*.test.ts'],
    globalSetup: ['test/harness/global-setup.ts'],
    reporters: ['default', new ClosingLine()],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    pool: 'forks',
  },
});
