import { defineConfig } from 'vitest/config';

/** The desktop app in a real Electron, driven as a user would. */
export default defineConfig({
  test: {
    include: ['e2e/desktop/**/*.test.ts'],
    exclude: ['**/dist/**', '**/node_modules/**'],
    globalSetup: ['e2e/support/electron-build.ts'],
    setupFiles: ['e2e/support/nothing-left.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // As generous as the time limit: what is waited for comes when it comes.
    expect: { poll: { timeout: 40_000 } },
  },
});
