import { env } from 'node:process';
import { setUp } from './setup-steps.mjs';
import { testGroups } from './test-groups.mjs';

/**
 * `npm test [-- GROUP…]`: sets up, runs the groups (all of them unless some are named) and ends with one line
 * `N passed, N failed, N skipped`. Status 1 if anything failed, or if anything was skipped while LB_FORBID_SKIPS=1.
 */
async function main() {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => testGroups.every((group) => group.name !== name));
  if (unknown.length > 0) {
    const known = testGroups.map(({ name }) => name).join(', ');
    process.stderr.write(`npm test: no group ${unknown.join(', ')}; there are ${known}\n`);
    return 1;
  }
  /** @type {import('./vitest-report.mjs').Outcome} */
  const total = { passed: 0, failed: 0, skipped: [] };
  const problem = await setUp();
  if (problem !== undefined) {
    say(`set-up failed: ${problem}`);
    total.failed += 1;
  }
  const chosen = testGroups.filter(({ name }) => names.length === 0 || names.includes(name));
  // Without dependencies nothing can run; without a build most groups can.
  const runnable = chosen.filter(({ needsBuild }) => problem === undefined || (problem === 'build' && !needsBuild));
  for (const group of chosen) {
    say(`\n=== ${group.name}: ${group.about}`);
    if (!runnable.includes(group)) {
      say(`not run: set-up failed (${problem})`);
      continue;
    }
    const { passed, failed, skipped } = await group.run();
    for (const line of skipLines(skipped)) say(line);
    say(`--- ${group.name}: ${counts(passed, failed, skipped.length)}`);
    total.passed += passed;
    total.failed += failed;
    total.skipped.push(...skipped);
  }
  const skipsForbidden = env.LB_FORBID_SKIPS === '1' && total.skipped.length > 0;
  if (skipsForbidden) say('\nLB_FORBID_SKIPS=1: this machine is expected to run every test');
  say(`\n${counts(total.passed, total.failed, total.skipped.length)}`);
  return total.failed > 0 || skipsForbidden ? 1 : 0;
}

/**
 * The skipped tests, those of a suite that gives its reason as `(skipped: …)` in its name in one line.
 * @param {string[]} names full names of tests
 */
function skipLines(names) {
  /** @type {Map<string, number>} */
  const suites = new Map();
  for (const name of names) {
    const suite = /^.*?[(]skipped: .*?[)]/.exec(name)?.[0] ?? `${name} (skipped)`;
    suites.set(suite, (suites.get(suite) ?? 0) + 1);
  }
  return [...suites].map(([suite, count]) => `${count} x ${suite}`);
}

/**
 * @param {number} passed
 * @param {number} failed
 * @param {number} skipped
 */
function counts(passed, failed, skipped) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
