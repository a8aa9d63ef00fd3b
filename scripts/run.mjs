import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { manifest, root } from './repository.mjs';

/**
 * Runs a command in the repository's root with its output passed on, and waits for it.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} its exit status; 1 if a signal ended it, 127 if it could not be started
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    child.once('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(127);
    });
    child.once('close', (status) => resolve(status ?? 1));
  });
}

/**
 * Runs the JavaScript entry of an installed development tool. Going through node instead of node_modules/.bin spares
 * the difference between shell and cmd wrappers.
 * @param {string} entry path below node_modules
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [more] environment beside this process's
 */
export function runTool(entry, args, more = {}) {
  // Some tools colour their output even into a file.
  const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1' };
  return run(process.execPath, [join(root, 'node_modules', entry), ...args], { env: { ...env, ...more } });
}

/**
 * Runs the pnpm release that package.json pins; npx fetches it when it is not there yet.
 * @param {string[]} args
 */
export function runPnpm(args) {
  const { command, args: words, options } = pnpmCommand(args);
  return run(command, words, options);
}

/**
 * How that pnpm is run.
 * @param {string[]} args fixed plain words
 * @returns {{command: string, args: string[], options: import('node:child_process').SpawnOptions}}
 */
export function pnpmCommand(args) {
  const pinned = manifest('package.json').packageManager;
  if (!pinned?.startsWith('pnpm@'))
    throw new Error(`package.json: packageManager is ${pinned}, expected pnpm@<version>`);
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  const npxArgs = ['--yes', pinned, ...args];
  // On Windows npx is a .cmd file, which node starts through a shell only; every argument here is a fixed plain word.
  return process.platform === 'win32'
    ? { command: ['npx', ...npxArgs].join(' '), args: [], options: { env, shell: true } }
    : { command: 'npx', args: npxArgs, options: { env } };
}
