import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { serveContent } from './content.js';

const parent = mkdtempSync(join(tmpdir(), 'lb-content-'));
const folder = join(parent, 'renderer');
mkdirSync(join(folder, 'assets'), { recursive: true });
mkdirSync(join(parent, 'renderer-2'));
writeFileSync(join(folder, 'index.html'), '<p>lb</p>');
writeFileSync(join(folder, 'assets', 'key.pem'), 'secret');
writeFileSync(join(parent, 'other.html'), 'secret');
writeFileSync(join(parent, 'renderer-2', 'index.html'), 'secret');
afterAll(() => rmSync(parent, { recursive: true }));

it('serves the page with a policy that lets nothing in from elsewhere', async () => {
  const response = await serveContent(folder, 'lb-app://app/index.html');
  expect(await response.text()).toBe('<p>lb</p>');
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = response.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

it.each([
  'lb-app://app/../other.html',
  'lb-app://app/..%2fother.html',
  'lb-app://app/%2e%2e/other.html',
  'lb-app://app/..%2frenderer-2%2findex.html',
  'lb-app://app/assets/key.pem',
  'lb-app://app/none.html',
  'lb-app://app/',
  'lb-app://app/index.html%00',
  'lb-app://app/%',
  'lb-app://other/index.html',
  'file:///etc/passwd',
  'x',
])('finds nothing at %s', async (address) => {
  const response = await serveContent(folder, address);
  expect(response.status).toBe(404);
  expect(await response.text()).toBe('');
});
