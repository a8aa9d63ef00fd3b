import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { root, sourceFiles } from './repository.mjs';
import { findProgram } from './system-packages.mjs';

/**
 * The native library: built where its tools are, and left out elsewhere, since only live traffic needs it.
 * @typedef {import('./vitest-report.mjs').Outcome} Outcome
 */

const RELEASE = 'native/build';
const SANITIZED = 'native/build-sanitize';
export const nativeLibrary = join(root, RELEASE, 'liblbqueue.so');

/** Why the library can't be built here, or undefined. */
export function nativeObstacle() {
  if (process.platform !== 'linux') return 'it is for Linux';
  const missing = ['cmake', 'cc', 'clang', 'make'].filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) return `no ${missing.join(', ')}`;
  const headers = ['/usr/include/xdp/xsk.h', '/usr/include/bpf/libbpf.h'].filter((path) => !existsSync(path));
  return headers.length > 0 ? `no ${headers.join(', ')}` : undefined;
}

/** A hash over the sources, and whether the product is there. */
export function nativeStamp() {
  const sum = createHash('sha256');
  for (const path of sourceFiles('native').filter((name) => !name.startsWith('native/build'))) {
    sum.update(path).update(readFileSync(join(root, path)));
  }
  return `${sum.digest('hex')} ${existsSync(nativeLibrary)}`;
}

/**
 * Builds the library.
 * @returns {string | undefined} undefined, or what went wrong
 */
export function buildNative() {
  return (
    cmake(['-S', 'native', '-B', RELEASE, '-DCMAKE_BUILD_TYPE=Release']) ??
    cmake(['--build', RELEASE, '--parallel', '2'])
  );
}

/**
 * Builds the library with sanitizers and runs its tests on it.
 * @returns {Outcome}
 */
export function testNative() {
  const obstacle = nativeObstacle() ?? (process.getuid?.() === 0 ? undefined : 'no root');
  if (obstacle !== undefined) return { passed: 0, failed: 0, skipped: [`native library (skipped: ${obstacle})`] };
  const problem =
    cmake(['-S', 'native', '-B', SANITIZED, '-DCMAKE_BUILD_TYPE=Debug', '-DLBQ_SANITIZE=address,undefined']) ??
    cmake(['--build', SANITIZED, '--parallel', '2']);
  if (problem !== undefined) {
    process.stdout.write(`${problem}\n`);
    return { passed: 0, failed: 1, skipped: [] };
  }
  const { stdout = '' } = run('ctest', ['--test-dir', SANITIZED, '--output-on-failure', '--timeout', '120']);
  process.stdout.write(stdout);
  const passed = count(stdout, /^ *\d+\/\d+ Test +#\d+: .* Passed /gm);
  const all = count(stdout, /^ *\d+\/\d+ Test +#\d+: /gm);
  // A run without tests is a failure.
  return { passed, failed: all === 0 ? 1 : all - passed, skipped: [] };
}

/**
 * The environment in which Node.js calls the library that {@link testNative} has built. The sanitizer must be there before
 * anything else is; without it that library ends the process. V8 frees nothing when it ends, so leaks are not looked for.
 * @returns {NodeJS.ProcessEnv | undefined} undefined where the compiler's sanitizer is no library of its own
 */
export function sanitizedEnvironment() {
  const runtime = run('cc', ['-print-file-name=libasan.so']).stdout?.trim() ?? '';
  if (!isAbsolute(runtime) || !existsSync(runtime)) return undefined;
  return {
    LD_PRELOAD: runtime,
    ASAN_OPTIONS: 'detect_leaks=0',
    LBQ_LIBRARY: join(root, SANITIZED, 'liblbqueue.so'),
  };
}

/** @param {string[]} args */
function cmake(args) {
  const { status, stdout, stderr } = run('cmake', args);
  return status === 0 ? undefined : `cmake ${args.join(' ')} failed:\n${stdout}${stderr}`;
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  return spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 */
function count(text, pattern) {
  return [...text.matchAll(pattern)].length;
}
