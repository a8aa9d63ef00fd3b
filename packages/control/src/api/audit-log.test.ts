import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { TestApi } from './api.testkit.js';
import { AuditLog } from './audit-log.js';
import type { AuditEntry } from './contract/audit.js';

const folder = mkdtempSync(join(tmpdir(), 'lb-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function entry(after: number): AuditEntry {
  const who = { author: 'alice', role: 'admin', via: 'unix' } as const;
  return { at: '', ...who, action: 'exec', target: '/v1/exec', status: 200, before: after - 1, after, detail: null };
}

function numbers(file: string): number[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as AuditEntry).after);
}

it('appends in order, and puts files aside that are large, the newest first', async () => {
  const file = join(folder, 'a/audit.log');
  const bytes = JSON.stringify(entry(20)).length + 1;
  const log = new AuditLog(file, { maxBytes: 3 * bytes, keep: 2 });
  await Promise.all(Array.from({ length: 11 }, (_, n) => log.append(entry(n + 10))));
  expect(readdirSync(join(folder, 'a')).sort()).toEqual(['audit.log', 'audit.log.1', 'audit.log.2']);
  expect([numbers(file), numbers(`${file}.1`), numbers(`${file}.2`)]).toEqual([
    [19, 20],
    [16, 17, 18],
    [13, 14, 15],
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  // The next process goes on where this one ended.
  await new AuditLog(file).append(entry(21));
  expect(numbers(file)).toEqual([19, 20, 21]);
});

it('a log that cannot be written is told, and the change is done all the same', async () => {
  const test = await TestApi.open({ audit: new AuditLog('/proc/none/audit.log') });
  try {
    const { status } = await test.send('PATCH', '/v1/config', { body: { timeout: 50 } });
    expect([status, test.balancer.config.timeout]).toEqual([200, 50]);
    expect(test.balancer.events.latest(1).events).toEqual([
      expect.objectContaining({ type: 'notice', level: 'error', code: 'LB_API_AUDIT' }),
    ]);
    expect(test.failures).toHaveLength(1);
  } finally {
    await test.close();
  }
});
