import { afterAll, describe, expect, it } from 'vitest';
import { firstPacket, readCapture, writeCapture } from '../captures.testkit.js';
import { runMain, TestFolder } from '../cli.testkit.js';
import type { Explanation } from './explanation.js';
import { readHeaders } from './headers.js';

const folder = new TestFolder();
afterAll(() => folder.remove());

const CONFIG = folder.write(
  'site.lb',
  'lb conf ip4-src-address 192.0.2.254 ip6-src-address 2001:db8::fe',
  'lb vip 0.0.0.0/0 encap gre4',
  'lb vip 90.0.0.0/8 encap gre4',
  'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5',
  'lb vip 91.0.0.0/8 encap gre6',
  'lb as 91.0.0.0/8 2001:db8:1::1 2001:db8:1::2',
  'lb vip 92.0.0.0/8 encap l3dsr dscp 5 src_ip_sticky',
  'lb as 92.0.0.0/8 10.1.0.1 10.1.0.2 10.1.0.3',
  'lb vip 93.0.0.1 port 80 target_port 8080 node_port 30080 encap nat4',
  'lb as 93.0.0.1 port 80 10.2.0.1 10.2.0.2 10.2.0.3',
  'lb vip 2004::/16 encap gre4',
  'lb as 2004::/16 10.3.0.1 10.3.0.2 10.3.0.3',
  'lb vip 2005::/16 encap gre6',
  'lb as 2005::/16 2001:db8:2::1 2001:db8:2::2 2001:db8:2::3',
  'lb vip 2006::1/128 protocol udp port 53 target_port 5353 encap nat6',
  'lb as 2006::1/128 protocol udp port 53 2001:db8:3::1 2001:db8:3::2',
  'lb set interface nat4 in eth1',
  'lb set interface nat6 in eth1',
);

async function explain(flow: string, ...more: string[]): Promise<Explanation> {
  const { status, stdout, stderr } = await runMain('explain', flow, '--exec', CONFIG, '--json', ...more);
  expect({ status, lines: stdout.split('\n').length, stderr: stderr.includes('error') }).toEqual({
    status: 0,
    lines: 2,
    stderr: false,
  });
  return JSON.parse(stdout) as Explanation;
}

describe('explain and replay agree', () => {
  const flows = Array.from({ length: 12 }, (_, i) => {
    const [four, six] = [`198.51.100.${i}:${4000 + i * 7}`, `[2001:db8:9::${i}]:${5000 + i * 11}`];
    return [
      `${four} > 90.${i}.2.1:80/tcp`,
      `${four} > 91.0.0.${i}:53/udp`,
      `${four} > 92.0.${i}.1:443/tcp`,
      `${four} > 93.0.0.1:80/udp`,
      `${four} > 192.0.2.254:30080/tcp`,
      `${six} > [2004::${i}]:80/tcp`,
      `${six} > [2005::${i}]:80/udp`,
      `${six} > [2006::1]:53/udp`,
    ];
  }).flat();

  it.each([
    ['fast', 'maglev'],
    ['vpp', 'vpp'],
  ])('on every byte of %s, %s', async (hash, table) => {
    const choices = ['--flow-hash', hash, '--table', table];
    const [input, output] = [folder.file('in.pcap'), folder.file('out.pcap')];
    writeCapture(input, flows.map(firstPacket));
    await runMain('replay', input, output, '--exec', CONFIG, ...choices);
    const explained = await Promise.all(flows.map((flow) => explain(flow, ...choices)));
    const replayed = readCapture(output).map((frame) => Buffer.from(frame).toString('hex'));
    expect(explained.map(({ after }) => after?.hex)).toEqual(replayed);
    // Not all to one server: the agreement would prove little.
    expect(new Set(explained.map(({ as }) => as?.address)).size).toBeGreaterThan(12);
  });

  it('on the bucket, which is in the table', async () => {
    const { stdout } = await runMain('table', '90.0.0.0/8', '--exec', CONFIG, '--json');
    for (const flow of flows.filter((text) => text.includes('> 90.'))) {
      const { bucket, as, hash } = await explain(flow);
      expect(as?.address).toBe(JSON.parse(stdout).buckets[bucket!]);
      expect(hash!.value & 1023).toBe(bucket);
    }
  });
});

describe('the bucket is made of the hash', () => {
  it.each(['fast', 'vpp'])('%s, also when only the address of the client counts', async (kind) => {
    for (const flow of ['198.51.100.1:1 > 92.0.0.1:80/tcp', '[2001:db8::1]:9 > [2005::2]:80/udp']) {
      const { hash, bucket, vip } = await explain(flow, '--flow-hash', kind);
      expect(hash).toMatchObject({ kind, identity: expect.stringMatching(/^0x[0-9a-f]{16}$/) });
      expect(hash!.value & (vip!.newLen - 1)).toBe(bucket);
    }
  });

  it('so all flows of a client go to one server of a sticky VIP', async () => {
    const flows = Array.from({ length: 8 }, (_, i) => `198.51.100.1:${i + 1} > 92.0.0.1:${80 + i}/tcp`);
    const explained = await Promise.all(flows.map((flow) => explain(flow)));
    expect(new Set(explained.map(({ hash }) => hash!.identity)).size).toBe(1);
  });
});

describe('what became of the packet', () => {
  it('forwarded through GRE', async () => {
    const found = await explain('198.51.100.10:40000 > 90.1.2.1:80/tcp');
    expect(found).toMatchObject({
      flow: {
        source: '198.51.100.10',
        sourcePort: 40000,
        destination: '90.1.2.1',
        destinationPort: 80,
        protocol: 'tcp',
      },
      verdict: 'forward',
      reason: null,
      prefixes: ['90.0.0.0/8', '0.0.0.0/0'],
      vip: { prefix: '90.0.0.0/8', protocol: null, port: null, encap: 'gre4', newLen: 1024 },
      flowTable: 'miss',
      as: { weight: 100 },
      before: { bytes: 54 },
      after: { bytes: 78 },
    });
    expect(found.after!.headers.map(({ header }) => header)).toEqual(['ethernet', 'ipv4', 'gre', 'ipv4', 'tcp']);
    const [, outer, gre, inner] = found.after!.headers;
    expect(outer!.fields).toMatchObject({
      source: '192.0.2.254',
      destination: found.as!.address,
      protocol: 47,
      ttl: 128,
      totalLength: 64,
    });
    expect(gre!.fields).toEqual({ flagsAndVersion: '0x0000', protocol: '0x0800' });
    expect(inner).toEqual(found.before.headers[1]);
  });

  it('dropped without a server', async () => {
    const found = await explain('198.51.100.10:40000 > 8.8.8.8:80/udp');
    expect(found).toMatchObject({
      verdict: 'drop',
      reason: 'no-server',
      vip: { prefix: '0.0.0.0/0' },
      as: null,
      after: null,
    });
    expect(found.bucket).toBeGreaterThanOrEqual(0);
  });

  it('left to the kernel', async () => {
    const nothing = { vip: null, hash: null, bucket: null, flowTable: null, as: null, after: null };
    expect(await explain('198.51.100.10:1 > 93.0.0.1:81/tcp')).toMatchObject({
      verdict: 'punt',
      reason: 'other-port',
      ...nothing,
    });
    expect(await explain('[2001:db8::1]:1 > [2007::1]:81/tcp')).toMatchObject({
      verdict: 'punt',
      reason: 'no-vip',
      ...nothing,
    });
  });

  it('echo requests: balanced, or answered when the VIP has a port', async () => {
    expect(await explain('198.51.100.10 > 90.1.2.1/icmp')).toMatchObject({ verdict: 'forward', as: { weight: 100 } });
    const reply = await explain('2001:db8::1 > 2006::1/icmp');
    expect(reply).toMatchObject({ verdict: 'reply', reason: null, vip: null });
    expect(reply.after!.headers.at(-1)!.fields).toMatchObject({ type: 129, code: 0, identifier: 1, sequence: 1 });
  });
});

it('tells a person the stages, and marks what changed', async () => {
  const { stdout } = await runMain('explain', '198.51.100.10:40000 > 192.0.2.254:30080/tcp', '--exec', CONFIG);
  expect(stdout).toMatch(/^198\.51\.100\.10:40000 > 192\.0\.2\.254:30080\/tcp\n\n {2}parse +IPv4, TCP SYN/);
  expect(stdout).toMatch(/\n {2}classify +VIP 93\.0\.0\.1\/32 port 80, by its node port\n/);
  expect(stdout).toMatch(/\n {2}select +new flow: bucket \d+ of 1024, AS 10\.2\.0\.\d \(weight 100\)\n/);
  expect(stdout).toMatch(/destination 10\.2\.0\.\d \(was 192\.0\.2\.254\)/);
  expect(stdout).toContain('destination port 8080 (was 30080)');
  expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
});

it('says why the longest prefix decides', async () => {
  const { stdout } = await runMain('explain', '198.51.100.10:40000 > 90.0.0.1:80/tcp', '--exec', CONFIG);
  expect(stdout).toContain('VIP 90.0.0.0/8, the longest of 2 prefixes (90.0.0.0/8, 0.0.0.0/0)\n');
});

/** Frames made by scapy 2.5 (Debian's python3-scapy): `bytes(Ether(...)/...)`. */
describe('the packet that is sent through the stages is as another implementation makes it', () => {
  it.each([
    ['198.51.100.10:40000 > 90.1.2.1:80/tcp', 'TCP4'],
    ['198.51.100.10:40000 > 90.1.2.1:53/udp', 'UDP4'],
    ['198.51.100.10 > 90.1.2.1/icmp', 'ICMP4'],
    ['[2001:db8::1]:1234 > [2004::1]:80/tcp', 'TCP6'],
    ['[2001:db8::1]:1234 > [2004::1]:53/udp', 'UDP6'],
    ['2001:db8::1 > 2004::1/icmp', 'ICMP6'],
  ] as const)('%s', (flow, name) => {
    expect(Buffer.from(firstPacket(flow)).toString('hex')).toBe(SCAPY[name]);
  });
});

const SCAPY = {
  TCP4: '020000000002020000000001080045000028000040004006b490c633640a5a0102019c40005000000000000000005002ffff8d120000',
  UDP4: '02000000000202000000000108004500001c000040004011b491c633640a5a0102019c4000350008dd28',
  ICMP4: '02000000000202000000000108004500001c000040004001b4a1c633640a5a0102010800f7fd00010001',
  TCP6: '02000000000202000000000186dd600000000014064020010db80000000000000000000000012004000000000000000000000000000104d2005000000000000000005002ffff5d020000',
  UDP6: '02000000000202000000000186dd600000000008114020010db80000000000000000000000012004000000000000000000000000000104d200350008ad18',
  ICMP6:
    '02000000000202000000000186dd6000000000083a4020010db800000000000000000000000120040000000000000000000000000001800031fc00010001',
} as const;

it('reads the headers it knows and stops at others', () => {
  const arp = Uint8Array.from(Buffer.from(`${'ff'.repeat(6)}020000000001${'0806'}${'00'.repeat(28)}`, 'hex'));
  expect(readHeaders(arp)).toEqual([
    { header: 'ethernet', fields: { destination: 'ff:ff:ff:ff:ff:ff', source: '02:00:00:00:00:01', type: '0x0806' } },
  ]);
});
