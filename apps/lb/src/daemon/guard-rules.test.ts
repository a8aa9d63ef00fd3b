import { spawnSync } from 'node:child_process';
import { parseAddress, parsePrefix } from '@lb/core';
import { entriesFor, type ImageSpec } from '@lb/dataplane';
import { describe, expect, it } from 'vitest';
import { guardContents, guardTable } from './guard-rules.js';

const vip = (prefix: string, encap: 'gre4' | 'nat4' | 'nat6', port = 0, nodePort = 0, as = '10.0.0.1') => ({
  ...{ prefix: parsePrefix(prefix), protocol: (port === 0 ? 0 : 6) as 0 | 6, port, targetPort: port, nodePort, encap },
  ...{ dscp: 0, newLen: 16, srcIpSticky: false, ass: [{ address: parseAddress(as), weight: 1 }] },
});

const spec: ImageSpec = {
  ...{ ip4Src: parseAddress('10.0.0.100'), nat4In: true, nat6In: true, nat4InQueues: [1], nat6InQueues: [1] },
  ...{ timeoutSec: 40, flowHash: 'fast', table: 'maglev' },
  vips: [
    vip('90.0.0.0/8', 'gre4'),
    vip('90.1.0.0/16', 'gre4'),
    vip('192.0.2.1/32', 'nat4', 80, 30080),
    vip('2001:db8::1/128', 'nat6', 443, 0, '2001:db8:1::1'),
  ],
};

const hosts = [parseAddress('10.0.0.100'), parseAddress('fe80::1')];
const contents = guardContents('lb_serve_1', [
  { name: 'eth0', entries: entriesFor(spec, hosts, { input: 0 }) },
  { name: 'eth1', entries: entriesFor(spec, hosts, { input: 1 }) },
]);

it('fills the sets with what the workers take', () => {
  for (const element of [
    'ports { tcp . 80, tcp . 443 }',
    'node4 { 10.0.0.100 . tcp . 30080 }',
    'host4 { 10.0.0.100 }',
    'host6 { fe80::1 }',
    'all4 { 90.0.0.0/8, 90.1.0.0/16 }',
    'some4 { 192.0.2.1/32 }',
    'some6 { 2001:db8::1/128 }',
    'answers4 { "eth1" . 10.0.0.1 . tcp . 80 }',
    'answers6 { "eth1" . 2001:db8:1::1 . tcp . 443 }',
  ]) {
    expect(contents).toContain(`add element inet lb_serve_1 ${element}`);
  }
  expect(contents.split('\n')).toHaveLength(2);
});

const root = process.platform === 'linux' && process.getuid?.() === 0;
const nft = root && spawnSync('nft', ['--version']).status === 0;

describe.skipIf(!nft)(`nft${nft ? '' : ' (skipped: not root, or no nft here)'}`, () => {
  it('takes the table, its contents and other contents after them', () => {
    const input = guardTable('lb_serve_1', ['eth0', 'eth1']) + contents + guardContents('lb_serve_1', []) + contents;
    const script = `${input}list table inet lb_serve_1\n`;
    // A network namespace of its own, which ends with the program.
    const { stdout, stderr } = spawnSync('unshare', ['-n', 'nft', '-i'], { input: script, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).not.toMatch(/Error/);
    expect(stdout).toContain('10.0.0.100 . tcp . 30080');
    expect(stdout).toContain('flags owner');
  });
});
