import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  advisoryProblems,
  auditProblems,
  deprecatedProblems,
  licenceProblems,
  lockProblems,
  rangeProblems,
  scriptProblems,
} from './audit-rules.mjs';
import { manifest, manifestPaths, root } from './repository.mjs';
import { pnpmCommand } from './run.mjs';

/**
 * Audits the dependencies; each rule counts as one test. Only the last asks the registry, and where that has no answer, it
 * says so and counts for nothing.
 * @returns {Promise<import('./vitest-report.mjs').Outcome>}
 */
export async function auditDependencies() {
  const lock = parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'));
  const workspace = parse(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'));
  const advisories = JSON.parse(readFileSync(join(import.meta.dirname, 'advisories.json'), 'utf8'));
  const manifests = Object.fromEntries(manifestPaths().map((path) => [path, manifest(path)]));
  /** @type {[string, () => string[] | Promise<string[]>][]} */
  const rules = [
    ['every version is exact', () => rangeProblems(manifests, workspace)],
    ['the lock file is in step', inStepProblems],
    ['every package has a hash, and comes by name and version', () => lockProblems(lock)],
    ['no install script runs', () => scriptProblems(workspace, installedPackages())],
    ['licences of what is shipped', async () => licenceProblems(await licences())],
    ['nothing that is shipped is deprecated', () => deprecatedProblems(lock)],
    [`no version of ${advisories.length} known advisories`, () => advisoryProblems(lock, advisories)],
  ];
  /** @type {import('./vitest-report.mjs').Outcome} */
  const total = { passed: 0, failed: 0, skipped: [] };
  for (const [name, rule] of rules) count(total, name, await attempt(rule));
  const asked = auditProblems((await pnpm(['audit', '--prod', '--json'])).said);
  if ('problems' in asked) count(total, 'the registry knows of nothing severe', asked.problems);
  else say(`info: the registry was asked for advisories, and did not answer: ${asked.unanswered}`);
  return total;
}

/**
 * @param {import('./vitest-report.mjs').Outcome} total
 * @param {string} name
 * @param {string[]} problems
 */
function count(total, name, problems) {
  say(`${problems.length === 0 ? 'ok' : 'FAILED'}: ${name}`);
  for (const problem of problems) say(`  ${problem}`);
  if (problems.length === 0) total.passed += 1;
  else total.failed += 1;
}

/**
 * A rule that cannot be looked at does not hold.
 * @param {() => string[] | Promise<string[]>} rule
 */
async function attempt(rule) {
  try {
    return await rule();
  } catch (error) {
    return [String(error)];
  }
}

async function inStepProblems() {
  const { status, said } = await pnpm(['install', '--frozen-lockfile', '--lockfile-only', '--offline']);
  return status === 0 ? [] : said.trim().split('\n');
}

async function licences() {
  const { status, said } = await pnpm(['licenses', 'list', '--prod', '--json']);
  if (status !== 0) throw new Error(said.trim());
  return JSON.parse(said.slice(said.indexOf('{')));
}

function installedPackages() {
  const store = join(root, 'node_modules/.pnpm');
  return readdirSync(store).flatMap((entry) => {
    const folder = join(store, entry, 'node_modules');
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const all = names.flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
    );
    return all.flatMap((name) => {
      const path = join(folder, name, 'package.json');
      if (!existsSync(path)) return [];
      const { scripts } = JSON.parse(readFileSync(path, 'utf8'));
      return [{ name, scripts, hasGyp: existsSync(join(folder, name, 'binding.gyp')) }];
    });
  });
}

/**
 * @param {string[]} args
 * @returns {Promise<{status: number | null, said: string}>}
 */
function pnpm(args) {
  return new Promise((resolve) => {
    const { command, args: words, options } = pnpmCommand(args);
    const child = spawn(command, words, { ...options, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let complained = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      complained += text;
    });
    child.once('error', (error) => resolve({ status: null, said: error.message }));
    child.once('close', (status) => resolve({ status, said: said.trim() === '' ? complained : said }));
  });
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
