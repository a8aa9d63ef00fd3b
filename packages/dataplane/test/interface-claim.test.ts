import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { claimInterface, type InterfaceClaim, isClaimant } from '../src/native/index.js';
import { describeLive, enterNetworkNamespace } from './live-network.testkit.js';

/** A process of another user that has the name of interface 7 until its standard input ends. */
const squatter = `
  const system = require('koffi').load(null);
  const open = system.func('int socket(int family, int type, int protocol)');
  const bind = system.func('int bind(int fd, const uint8_t *address, uint32_t length)');
  const listen = system.func('int listen(int fd, int backlog)');
  // Not before: another user may not be able to read where the modules are.
  process.setgid(64321); process.setuid(64321);
  process.stdin.once('end', () => process.exit()).resume();
  const socket = open(1, 1, 0);
  const address = Buffer.from('\\x01\\0\\0lb-interface-7', 'latin1');
  bind(socket, address, address.length);
  listen(socket, 1);
  console.log('listens');
`;

describeLive('an interface is claimed', () => {
  const claims: InterfaceClaim[] = [];
  beforeAll(() => enterNetworkNamespace());
  afterEach(() => {
    for (const claim of claims.splice(0)) claim.release();
  });

  const claim = (index: number) => {
    const claimed = claimInterface(index);
    if (!isClaimant(claimed)) claims.push(claimed);
    return claimed;
  };
  const first = { pid: process.pid, uid: process.geteuid!(), isTrusted: true };

  it('by one only, as often as it is tried', () => {
    expect(isClaimant(claim(7))).toBe(false);
    for (let i = 0; i < 10; i++) expect(claim(7)).toEqual(first);
    expect(isClaimant(claim(8))).toBe(false);
  });

  it('also after more have tried than wait in a queue', async () => {
    claim(7);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 100; j++) expect(claim(7)).toEqual(first);
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    }
  });

  it('until it is released', () => {
    const claimed = claim(7) as InterfaceClaim;
    expect(claim(7)).toEqual(first);
    claimed.release();
    claimed.release();
    expect(isClaimant(claim(7))).toBe(false);
  });

  it('not by who could not serve it', async () => {
    const other = spawn(process.execPath, ['-e', squatter], {
      cwd: import.meta.dirname,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(other.stdout, 'data');
    expect(claim(7)).toEqual({ pid: other.pid, uid: 64_321, isTrusted: false });
    other.stdin.end();
    await once(other, 'exit');
    expect(isClaimant(claim(7))).toBe(false);
  });
});
