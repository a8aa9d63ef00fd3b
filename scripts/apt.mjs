import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir } from './repository.mjs';
import { run } from './run.mjs';
import { findProgram } from './system-packages.mjs';

const policyFile = '/usr/sbin/policy-rc.d';
const policyText = '#!/bin/sh\n# maglev-lb set-up: packages being installed start no service\nexit 101\n';

/** Whether packages can be installed here: root on Debian, Ubuntu or a relative of theirs. */
export function canUseApt() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && findProgram('apt-get') !== undefined;
}

/**
 * Installs packages without recommendations and without starting the services they bring. What apt says goes to a log.
 * @param {import('./system-packages.mjs').SystemPackage[]} packages
 * @returns {Promise<string | undefined>} undefined, or what went wrong
 */
export async function installPackages(packages) {
  mkdirSync(buildDir, { recursive: true });
  const log = join(buildDir, 'apt.log');
  const output = openSync(log, 'w');
  /** @param {string[]} args */
  const apt = (args) =>
    run('apt-get', args, {
      stdio: ['ignore', output, output],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    });
  // A stale package list is no reason to give up: the packages may be in it, or in the cache.
  const updated = await apt(['-q', 'update']);
  const names = packages.map(namedHere);
  const installed = await withoutServices(() => apt(['-q', '-y', '--no-install-recommends', 'install', ...names]));
  if (installed === 0) {
    await keepFromBooting(names, output);
    return undefined;
  }
  const reason = lastErrors(readFileSync(log, 'utf8'));
  const lists = updated === 0 ? '' : ' (nor could apt-get update refresh the package lists)';
  return `apt-get install ended with status ${installed}${lists}:\n${reason}\n  all of it: ${log}`;
}

/**
 * A package's new name where this release has it: asked for by the old one, apt may refuse to choose.
 * @param {import('./system-packages.mjs').SystemPackage} wanted
 */
function namedHere({ name, newName }) {
  if (newName === undefined) return name;
  const known = spawnSync('apt-cache', ['show', '--no-all-versions', newName], { stdio: 'ignore' });
  return known.status === 0 ? newName : name;
}

/**
 * Runs `work` while Debian's policy file forbids every service start, also when a signal ends the set-up meanwhile.
 * A policy that somebody else made stays as it is.
 * @param {() => Promise<number>} work
 */
async function withoutServices(work) {
  if (existsSync(policyFile) && readFileSync(policyFile, 'utf8') !== policyText) return work();
  writeFileSync(policyFile, policyText, { mode: 0o755 });
  const remove = () => rmSync(policyFile, { force: true });
  const abort = () => {
    remove();
    process.exit(130);
  };
  process.on('exit', remove).on('SIGINT', abort).on('SIGTERM', abort);
  try {
    return await work();
  } finally {
    remove();
    process.off('exit', remove).off('SIGINT', abort).off('SIGTERM', abort);
  }
}

/**
 * What would come up at the next boot; the tests start their own, on ports of their own.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const services = { 'nginx-light': ['nginx.service'], 'openssh-server': ['ssh.service', 'ssh.socket'] };

/**
 * Only packages that were not there before are named here: whoever runs these services had them.
 * @param {string[]} names
 * @param {number} output file descriptor for what systemctl says
 */
async function keepFromBooting(names, output) {
  if (!findProgram('systemctl')) return;
  for (const service of names.flatMap((name) => services[name] ?? [])) {
    await run('systemctl', ['disable', service], { stdio: ['ignore', output, output] });
  }
}

/**
 * apt's own error lines, or the last lines when it gave none.
 * @param {string} log
 */
function lastErrors(log) {
  const lines = log.trim().split('\n');
  const errors = lines.filter((line) => /^(E:|Err:|W: Failed)/.test(line));
  return (errors.length > 0 ? errors : lines)
    .slice(-4)
    .map((line) => `  ${line}`)
    .join('\n');
}
