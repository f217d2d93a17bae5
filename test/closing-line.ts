import type { Reporter, TestModule } from 'vitest/node';

/** Prints `Tests: N passed, N failed, N skipped` last, the line that CI reads. A file or a group that could not run counts as a failure. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counted = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counted.failed += 1;
      // A hook that failed leaves its tests skipped: that must not read as a choice.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counted.failed += 1;
      for (const test of module.children.allTests()) counted[test.result().state] += 1;
    }
    process.stdout.write(`Tests: ${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped\n`);
  }
}
