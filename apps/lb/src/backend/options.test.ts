import { formatPrefix, parseAddress, parsePrefix } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { runMain } from '../cli.testkit.js';
import { readSpec } from './options.js';

const eth0 = { name: 'eth0', kind: 'af_packet' } as const;

describe('options of lb backend', () => {
  it.each([
    ['--vip 90.1.2.1', "required option '--interface <name...>' not specified"],
    ['--interface eth0', 'no VIP is given; use --vip, or --dscp for L3DSR (LB_BACKEND_VIP)'],
    ['--interface eth0=pcap --vip 90.1.2.1', "NAME, NAME=af_packet or NAME=af_xdp, got 'eth0=pcap'"],
    ['--interface an-interface-name --vip 90.1.2.1', "got 'an-interface-name'"],
    ['--interface eth0 eth0=af_xdp --vip 90.1.2.1', '--interface gives eth0 twice'],
    ['--interface eth0 --vip 90.1.2', "--vip: '90.1.2' is not a prefix"],
    ['--interface eth0 --vip ::/0', "--vip: '::/0' is every address"],
    ['--interface eth0 --dscp 3', "--dscp must be N=ADDRESS with N from 1 to 63, got '3'"],
    ['--interface eth0 --dscp 64=90.1.2.1', "got '64=90.1.2.1'"],
    ['--interface eth0 --dscp 0=90.1.2.1', "got '0=90.1.2.1': 0 is what ordinary traffic has"],
    ['--interface eth0 --dscp 3=2004::1', "--dscp: '2004::1' is IPv6, but L3DSR is for IPv4 only"],
    ['--interface eth0 --dscp 3=90.1.2.1 3=90.1.2.2', '--dscp gives 3 twice'],
    ['--interface eth0 --vip 90.1.2.1 --local 10.0.0.0/8', "--local: '10.0.0.0/8' is not an address"],
    ['--interface eth0 --vip 90.1.2.1 --from x', "--from: 'x' is not a prefix"],
    ['--interface eth0 --vip 90.1.2.1 --tap a/b', "--tap must be 1 to 15 letters, digits, '-', '_' or '.', got 'a/b'"],
    ['--interface eth0 --vip 90.1.2.1 --mss 500', "--mss must be a whole number from 536 to 65495, got '500'"],
  ])('%s', async (words, message) => {
    const { status, stdout, stderr } = await runMain('backend', ...words.split(' '));
    expect(stderr).toContain(message);
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect([status, stdout]).toEqual([1, '']);
  });

  it('VIPs of --dscp need no --vip, and nothing is taken twice', () => {
    const dscp = ['90.0.0.7', '91.0.0.7', '91.0.0.7'].map((vip, i) => ({ dscp: i + 1, vip: parseAddress(vip) }));
    const vip = ['90.0.0.0/8', '2004::/16', '90.0.0.0/8'].map(parsePrefix);
    const from = ['10.0.0.1', '10.0.0.1'].map(parsePrefix);
    const spec = readSpec({ interface: [eth0], vip, dscp, from, tap: 'lb-backend' });
    expect(spec.vips.map(formatPrefix)).toEqual(['90.0.0.0/8', '2004::/16', '91.0.0.7/32']);
    expect(spec.from.map(formatPrefix)).toEqual(['10.0.0.1/32']);
    expect(spec.dscp).toBe(dscp);
  });
});
