import { defineConfig } from 'vitest/config';

/** Measurements of the desktop app in a real Electron: each prints lines of JSON. */
export default defineConfig({
  test: {
    include: ['e2e/desktop/**/*.bench.ts'],
    exclude: ['**/dist/**', '**/node_modules/**'],
    globalSetup: ['e2e/support/electron-build.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
});
