import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.js';

/** A private certificate authority, and what it has signed for an address. Paths of files in PEM form. */
export interface Authority {
  /** Text of the authority's own certificate. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** @param parent for its folder, which whoever made the parent removes */
export async function makeAuthority(parent: string, address = '127.0.0.1'): Promise<Authority> {
  const folder = mkdtempSync(join(parent, 'authority-'));
  const file = (name: string) => join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl('req', '-x509', ...newKey, '-subj', '/CN=lb e2e', '-keyout', file('ca.key'), '-out', file('ca.pem'));
  await openssl('req', ...newKey, '-subj', `/CN=${address}`, '-keyout', file('key.pem'), '-out', file('request.pem'));
  writeFileSync(file('extensions'), `subjectAltName=IP:${address}\n`);
  const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('extensions')];
  await openssl('x509', '-req', '-in', file('request.pem'), ...by, '-days', '2', '-out', file('cert.pem'));
  return { ca: readFileSync(file('ca.pem'), 'utf8'), cert: file('cert.pem'), key: file('key.pem') };
}

async function openssl(...args: string[]): Promise<void> {
  const { status, stderr } = await run('openssl', args);
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}
