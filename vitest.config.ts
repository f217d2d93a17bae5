import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      'test/faults/**',
      'test/chart/**',
      'test/grafana/**',
      'test/kubernetes/**',
    ],
    globalSetup: ['test/harness/global-setup.ts'],
    reporters: ['default', new ClosingLine()],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Files of several processes share two databases; each file has databases of its own in them.
    pool: 'forks',
    // Most of a file's time is waiting for a database or a process, so more files than processors run at once.
    maxWorkers: 3,
  },
});
