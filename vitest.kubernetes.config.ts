import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/closing-line.ts';

/** The chart and k8s/ on a real control plane, which all files share; each has namespaces of its own. */
export default defineConfig({
  test: {
    include: ['test/kubernetes/**/*.test.ts'],
    globalSetup: ['test/kubernetes/global-setup.ts'],
    reporters: ['default', new ClosingLine()],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
