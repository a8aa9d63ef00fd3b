import { readFileSync } from 'node:fs';

/**
 * What a group of tests came to. `skipped` holds the full name of every test that did not run.
 * @typedef {{passed: number, failed: number, skipped: string[]}} Outcome
 */

/**
 * The part of vitest's JSON report that counts.
 * @typedef {{testResults: {status: string, assertionResults: {status: string, fullName: string}[]}[]}} Report
 */

/**
 * Sums up a vitest run. Whatever goes wrong outside a test (a file that can't be loaded, an error nobody caught, no report,
 * no test at all) counts as one failure, so that a broken run never looks like a clean one.
 * @param {string} path of the JSON report
 * @param {number} exitStatus of vitest
 * @returns {Outcome}
 */
export function readOutcome(path, exitStatus) {
  try {
    return outcome(JSON.parse(readFileSync(path, 'utf8')), exitStatus);
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
}

/**
 * @param {Report} report
 * @param {number} exitStatus
 * @returns {Outcome}
 */
export function outcome(report, exitStatus) {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failedTests = tests.filter(({ status }) => status === 'failed').length;
  const skipped = tests
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => fullName);
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
  ).length;
  const failed = failedTests + brokenFiles;
  const unexplained = failed === 0 && (exitStatus !== 0 || tests.length === 0);
  return { passed, failed: failed + (unexplained ? 1 : 0), skipped };
}
