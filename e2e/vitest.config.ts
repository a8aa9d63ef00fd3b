import { defineConfig } from 'vitest/config';

/** Whole-system tests: the built programs, one file at a time, because they share the machine's network and its cores. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    exclude: ['**/dist/**', '**/node_modules/**', 'e2e/desktop/**'],
    setupFiles: ['e2e/support/nothing-left.ts'],
    pool: 'forks',
    fileParallelism: false,
    // Guards against hanging, not measurements: a busy machine is slow.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // As generous as the time limit: what is waited for comes when it comes.
    expect: { poll: { timeout: 40_000 } },
  },
});
