import { defineConfig } from 'vitest/config';

/** Whole-system tests: the built programs, one file at a time, because they share the machine's network and its cores. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    exclude: ['**/dist/**', '**/node_modules/**', 'e2e/desktop/**'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
