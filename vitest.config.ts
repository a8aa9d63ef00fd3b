import { defineConfig } from 'vitest/config';

/** Tests run against the sources (the `@lb/source` export condition), so no build can be stale. */
export default defineConfig({
  resolve: { conditions: ['@lb/source'] },
  ssr: { resolve: { conditions: ['@lb/source'] } },
  test: {
    // A guard against hanging, not a measurement: a busy machine is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As generous as the time limit: what is waited for comes when it comes.
    expect: { poll: { timeout: 30_000 } },
    include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/{src,test}/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    exclude: ['**/dist/**', '**/node_modules/**'],
    pool: 'forks',
  },
});
