import { defineConfig } from 'vitest/config';

/** Takes the pictures of the desktop app that the documents show. */
export default defineConfig({
  test: {
    include: ['e2e/desktop/**/*.pictures.ts'],
    exclude: ['**/dist/**', '**/node_modules/**'],
    globalSetup: ['e2e/support/electron-build.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
