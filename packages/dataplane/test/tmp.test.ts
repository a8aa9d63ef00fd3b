import { it, expect } from 'vitest';
import { execSync } from 'node:child_process';
import { enterNetworkNamespace, veth, ip } from './live-network.testkit.js';
import { NativePool, NativeQueue, nativeLibrary, NativeFilter } from '../src/native/index.js';
it('x', async () => {
  enterNetworkNamespace();
  veth('a0','b0');
  console.log(execSync('ip a').toString());
  const pool = NativePool.open();
  console.log(pool.stats(), pool.count, pool.frames.u8.length);
  const filter = NativeFilter.open('a0');
  const q = NativeQueue.open(pool, {kind:'af_xdp', interface:'a0', filter: filter.handle});
  console.log(q.info(), q.stats(), filter.stats(), pool.stats());
  q.close(); pool.close(); filter.close();
  expect(() => NativePool.attach(pool.handle)).toThrow();
  const p2 = NativePool.open();
  try { NativeQueue.open(p2, {kind:'af_packet', interface:'nope'}); } catch (e) { console.log(e); }
  try { nativeLibrary('/nonexistent'); } catch (e) { console.log(e, e.hint); }
});
