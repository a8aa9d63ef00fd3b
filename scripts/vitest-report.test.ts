import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { outcome, readOutcome } from './vitest-report.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((result, index) => ({ status: result, fullName: `test ${index}` })),
});

describe('the sum of a vitest report', () => {
  it('counts tests by what became of them', () => {
    const testResults = [file('passed', 'passed', 'skipped', 'pending', 'todo'), file('failed', 'failed', 'passed')];
    expect(outcome({ testResults }, 1)).toEqual({ passed: 2, failed: 1, skipped: ['test 1', 'test 2', 'test 3'] });
  });

  it('counts a file that could not be loaded as a failure', () => {
    expect(outcome({ testResults: [file('failed'), file('passed', 'passed')] }, 1)).toMatchObject({ failed: 1 });
  });

  it('counts an error outside every test as a failure', () => {
    expect(outcome({ testResults: [file('passed', 'passed')] }, 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('counts a run without any test as a failure', () => {
    expect(outcome({ testResults: [] }, 0)).toMatchObject({ failed: 1 });
  });
});

describe('reading a report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lb-report-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('counts a missing or broken report as a failure', () => {
    writeFileSync(join(folder, 'broken.json'), '{"testResults": [');
    for (const name of ['missing.json', 'broken.json']) {
      expect(readOutcome(join(folder, name), 0)).toEqual({ passed: 0, failed: 1, skipped: [] });
    }
  });
});
