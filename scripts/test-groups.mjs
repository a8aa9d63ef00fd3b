import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sanitizedEnvironment, testNative } from './native.mjs';
import { buildDir } from './repository.mjs';
import { runTool } from './run.mjs';
import { readOutcome } from './vitest-report.mjs';

/**
 * @typedef {import('./vitest-report.mjs').Outcome} Outcome
 * @typedef {{name: string, about: string, needsBuild: boolean, run: () => Promise<Outcome>}} TestGroup
 */

/** In the order they run: the quick ones first. @type {readonly TestGroup[]} */
export const testGroups = [
  {
    name: 'lint',
    about: 'format and lint rules',
    needsBuild: false,
    run: () => check([['@biomejs/biome/bin/biome', 'ci', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.']]),
  },
  {
    name: 'arrows',
    about: 'dependencies between the packages point one way',
    needsBuild: false,
    run: () =>
      check([
        ['dependency-cruiser/bin/dependency-cruise.mjs', 'packages', 'apps', '--config', '.dependency-cruiser.cjs'],
      ]),
  },
  {
    name: 'types',
    about: 'type check of sources, tests and scripts',
    needsBuild: false,
    run: () =>
      check([
        ['typescript/bin/tsc', '-p', 'tsconfig.test.json'],
        ['typescript/bin/tsc', '-p', 'scripts/tsconfig.json'],
        ['typescript/bin/tsc', '-p', 'apps/desktop/tsconfig.json'],
      ]),
  },
  {
    name: 'audit',
    about: 'what the dependencies are held to',
    needsBuild: false,
    // It needs packages that set-up installs.
    run: async () => (await import('./audit.mjs')).auditDependencies(),
  },
  {
    name: 'unit',
    about: 'unit and property tests',
    needsBuild: false,
    run: () => vitest('unit', 'vitest.config.ts'),
  },
  {
    name: 'native',
    about: 'the native library with sanitizers',
    needsBuild: true,
    run: native,
  },
  {
    name: 'e2e',
    about: 'the built programs on real captures and in network namespaces',
    needsBuild: true,
    run: () => vitest('e2e', 'e2e/vitest.config.ts'),
  },
  {
    name: 'desktop',
    about: 'the desktop app in a real Electron',
    needsBuild: true,
    run: () => vitest('desktop', 'e2e/vitest.desktop.config.ts'),
  },
];

/**
 * Commands that succeed or fail as one test.
 * @param {[entry: string, ...args: string[]][]} commands
 * @returns {Promise<Outcome>}
 */
async function check(commands) {
  let failed = 0;
  for (const [entry, ...args] of commands) {
    if ((await runTool(entry, args)) !== 0) failed = 1;
  }
  return { passed: 1 - failed, failed, skipped: [] };
}

/** Tests in TypeScript that call the library a lot: they run on the one with sanitizers, too. */
const NATIVE_CALLERS = ['native-stages', 'native-queues'].map((name) => `packages/dataplane/test/${name}.test.ts`);

/** The library's own tests with sanitizers, then tests of its callers on what that has built. */
async function native() {
  const own = testNative();
  const env = own.failed === 0 && own.passed > 0 ? sanitizedEnvironment() : undefined;
  if (env === undefined) return own;
  // Everything is slower with sanitizers.
  const callers = await vitest('native', 'vitest.config.ts', [...NATIVE_CALLERS, '--testTimeout=180000'], env);
  return {
    passed: own.passed + callers.passed,
    failed: own.failed + callers.failed,
    skipped: [...own.skipped, ...callers.skipped],
  };
}

/**
 * @param {string} name
 * @param {string} config
 * @param {string[]} [more] arguments
 * @param {NodeJS.ProcessEnv} [env] added to this process's
 * @returns {Promise<Outcome>}
 */
async function vitest(name, config, more = [], env = {}) {
  const report = join(buildDir, 'test', `${name}.json`);
  mkdirSync(join(buildDir, 'test'), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // A forgotten `.only` must not hide the other tests.
  const status = await runTool(
    'vitest/vitest.mjs',
    ['run', '--config', config, '--allowOnly=false', ...reporters, ...more],
    env,
  );
  return readOutcome(report, status);
}
