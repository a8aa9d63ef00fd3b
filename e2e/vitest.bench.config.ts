import { defineConfig } from 'vitest/config';

/** Measurements on live traffic: each prints lines of JSON. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.bench.ts'],
    exclude: ['**/dist/**', '**/node_modules/**', 'e2e/desktop/**'],
    setupFiles: ['e2e/support/nothing-left.ts'],
    pool: 'forks',
    fileParallelism: false,
    hookTimeout: 60_000,
    disableConsoleIntercept: true,
  },
});
