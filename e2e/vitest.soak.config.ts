import { defineConfig } from 'vitest/config';

/** Churn for as long as one likes: random operations under live traffic, and many publications. Not a part of `npm test`. */
export default defineConfig({
  test: {
    include: ['e2e/soak/**/*.soak.ts'],
    exclude: ['**/dist/**', '**/node_modules/**'],
    setupFiles: ['e2e/support/nothing-left.ts'],
    pool: 'forks',
    fileParallelism: false,
    // How long a run takes is what its variables say.
    testTimeout: 0,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
});
