import { existsSync, linkSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { parsePrefix } from '@lb/core';
import { TrafficGenerator } from '@lb/dataplane';
import { frameViews } from '@lb/encap';
import { afterAll, describe, expect, it } from 'vitest';
import { firstPacket, readCapture, writeCapture } from '../captures.testkit.js';
import { runMain, TestFolder } from '../cli.testkit.js';
import type { ReplayReport } from './replay-capture.js';

const folder = new TestFolder();
afterAll(() => folder.remove());

const CONFIG = folder.write(
  'site.lb',
  'lb conf ip4-src-address 192.0.2.1',
  'lb vip 90.0.0.0/8 encap gre4 new_len 256',
  'lb as 90.0.0.0/8 10.0.0.1 10.0.0.2',
  'lb as 90.0.0.0/8 10.0.0.3 weight 0',
  'lb vip 90.1.2.1/32 protocol udp port 53 encap nat4 target_port 5353',
  'lb as 90.1.2.1/32 protocol udp port 53 10.0.0.9',
  'lb vip 91.0.0.0/8 encap l3dsr dscp 3',
  'lb set interface nat4 in eth1',
);
const FRAMES = [
  firstPacket('198.51.100.1:1000 > 90.0.0.1:80/tcp'),
  firstPacket('198.51.100.1:1000 > 90.0.0.1:80/tcp'),
  firstPacket('198.51.100.1:1000 > 90.1.2.1:53/udp'),
  firstPacket('198.51.100.1:1000 > 90.1.2.1:80/tcp'),
  firstPacket('198.51.100.1 > 90.1.2.1/icmp'),
  firstPacket('198.51.100.1:1000 > 91.0.0.1:80/tcp'),
  // The answer of the NAT server.
  firstPacket('10.0.0.9:5353 > 198.51.100.1:1000/udp'),
  Uint8Array.of(1, 2, 3),
];
const INPUT = folder.file('in.pcap');
// One after the other within a tick: an answer must find the session of the question right before it.
writeCapture(INPUT, FRAMES, 1);

async function replay(...more: string[]): Promise<ReplayReport> {
  const { status, stdout, stderr } = await runMain('replay', INPUT, folder.file('out.pcap'), '--json', ...more);
  expect({ status, stderr: stderr.replaceAll(/lb replay: warning: .*\n/g, '') }).toEqual({ status: 0, stderr: '' });
  expect(stdout.endsWith('}\n')).toBe(true);
  return JSON.parse(stdout) as ReplayReport;
}

describe('the report', () => {
  it('has exactly the agreed form', async () => {
    const report = await replay('--exec', CONFIG);
    const [gre] = report.vips;
    const [one, two, drained] = gre!.ass;
    expect([one!.packets, two!.packets].sort()).toEqual([0, 2]);
    expect([one!.flows, two!.flows].sort()).toEqual([0, 1]);
    expect([one!.bytes, two!.bytes].sort()).toEqual([0, 80]);
    expect(one!.buckets + two!.buckets).toBe(256);
    expect(drained).toEqual({ address: '10.0.0.3', weight: 0, packets: 0, bytes: 0, buckets: 0, flows: 0 });
    expect(Object.keys(one!).sort()).toEqual(['address', 'buckets', 'bytes', 'flows', 'packets', 'weight']);
    expect(report).toEqual({
      packets: 8,
      forwarded: 4,
      replied: 1,
      punted: 1,
      puntedBy: { 'other-port': 1 },
      dropped: { 'no-server': 1, 'ethernet-truncated': 1 },
      natReturn: 1,
      vips: [
        {
          prefix: '90.0.0.0/8',
          protocol: null,
          port: null,
          counters: { existing: 1, first: 1, untracked: 0, noServer: 0 },
          ass: gre!.ass,
        },
        {
          prefix: '90.1.2.1/32',
          protocol: 'udp',
          port: 53,
          counters: { existing: 0, first: 1, untracked: 0, noServer: 0 },
          ass: [{ address: '10.0.0.9', weight: 100, packets: 1, bytes: 28, buckets: 1024, flows: 1 }],
        },
        {
          prefix: '91.0.0.0/8',
          protocol: null,
          port: null,
          counters: { existing: 0, first: 0, untracked: 0, noServer: 1 },
          ass: [],
        },
      ],
    });
  });

  it('for a person says the same in tables', async () => {
    const { status, stdout } = await runMain('replay', INPUT, folder.file('text.pcap'), '--exec', CONFIG);
    expect(status).toBe(0);
    expect(stdout).toContain(
      '8 packets: 4 forwarded (1 on the way back from a server), 1 answered here, 1 left to the kernel, 2 dropped\n',
    );
    expect(stdout).toMatch(/\n +1 {2}punt +other-port +The longest/);
    expect(stdout).toMatch(/\n +1 {2}drop +no-server +The VIP/);
    expect(stdout).toMatch(/\n90\.1\.2\.1\/32 udp port 53\n(.*\n)+? +10\.0\.0\.9 +100 +1024 +1 +1 +28\n/);
  });

  it('answers show lines of the command file on standard error', async () => {
    const lines = ['lb vip 90.0.0.0/8', 'show lb vip', 'lb as 90.0.0.0/8 10.0.0.1', 'lb flush vip 90.0.0.0/8'];
    const shows = folder.write('show.lb', ...lines, 'show lb vip verbose', 'show lb', 'show node counters');
    const { stdout, stderr } = await runMain('replay', INPUT, folder.file('x.pcap'), '--exec', shows, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ packets: 8 });
    // As it stood at its line: the VIP had no server yet.
    expect(stderr).toMatch(/^VIP .*\n90\.0\.0\.0\/8 +any +any +gre4 +1024 +0 /);
    expect(stderr).toMatch(/\n +10\.0\.0\.1 +100 +1024 +\d+ +\d+ +\d+\n/);
    expect(stderr).toMatch(/\nASs +1\n/);
    expect(stderr).toMatch(/\npackets +8\n/);
    expect(stderr).toMatch(/\ndropped: ethernet-truncated +1\n/);
  });

  it('goes to standard error when the capture goes to standard output', async () => {
    // A capture on standard output bypasses the streams of the test: a device stands in.
    const { status, stdout, stderr } = await runMain('replay', INPUT, '/dev/null', '--exec', CONFIG, '--json');
    expect(status).toBe(0);
    expect(stdout).not.toBe('');
    expect(stderr).not.toContain('"packets"');
  });
});

describe('the output', () => {
  it('is every forwarded packet in order, and the same each time', async () => {
    await replay('--exec', CONFIG);
    const first = readFileSync(folder.file('out.pcap'));
    expect(readCapture(folder.file('out.pcap')).map((frame) => frame.length)).toEqual([78, 78, 42, 42]);
    await replay('--exec', CONFIG);
    expect(readFileSync(folder.file('out.pcap')).equals(first)).toBe(true);
  });

  it('of many flows forwards all of them, whatever the hash and the table', async () => {
    const target = { prefix: parsePrefix('90.0.0.0/8'), protocol: 6, port: 0 } as const;
    const generator = new TrafficGenerator({ targets: [target], flows: 300 });
    const frames = frameViews(new ArrayBuffer(2048));
    const packets = Array.from({ length: 900 }, () => frames.u8.slice(66, 66 + generator.write(frames, 66)));
    writeCapture(folder.file('many.pcap'), packets);
    for (const [hash, table] of [
      ['fast', 'maglev'],
      ['vpp', 'vpp'],
    ] as const) {
      const argv = ['--exec', CONFIG, '--json', '--flow-hash', hash, '--table', table];
      const { stdout } = await runMain('replay', folder.file('many.pcap'), folder.file('many-out.pcap'), ...argv);
      const report = JSON.parse(stdout) as ReplayReport;
      expect(report).toMatchObject({ packets: 900, forwarded: 900 });
      expect(report.vips[0]!.counters).toEqual({ existing: 600, first: 300, untracked: 0, noServer: 0 });
      expect(report.vips[0]!.ass.reduce((sum, { flows }) => sum + flows, 0)).toBe(300);
      expect(readCapture(folder.file('many-out.pcap'))).toHaveLength(900);
    }
  });

  it('flows that ended before the capture did are not counted as live', async () => {
    const brief = folder.write(
      'brief.lb',
      'lb conf ip4-src-address 1.1.1.1 timeout 1',
      'lb vip 90.0.0.0/8',
      'lb as 90.0.0.0/8 10.0.0.1',
    );
    const later = Array.from({ length: 3000 }, () => firstPacket('198.51.100.1:2 > 90.0.0.1:80/tcp'));
    writeCapture(folder.file('long.pcap'), [firstPacket('198.51.100.1:1 > 90.0.0.1:80/tcp'), ...later]);
    const { stdout } = await runMain(
      'replay',
      folder.file('long.pcap'),
      folder.file('x.pcap'),
      '--exec',
      brief,
      '--json',
    );
    expect(JSON.parse(stdout).vips[0]).toMatchObject({ counters: { first: 2 }, ass: [{ flows: 1 }] });
  });

  it('drops fragments whose first one never came when the capture ends', async () => {
    const later = firstPacket('198.51.100.1:1000 > 90.0.0.1:80/udp');
    // Fragment offset 8, and the header checksum less by as much.
    later[21] = 1;
    later[20] = 0;
    const checksum = (((later[24]! << 8) | later[25]!) + 0x4000 - 1) % 0xffff;
    later.set([checksum >>> 8, checksum & 0xff], 24);
    writeCapture(folder.file('fragment.pcap'), [later]);
    const { stdout } = await runMain(
      'replay',
      folder.file('fragment.pcap'),
      folder.file('x.pcap'),
      '--exec',
      CONFIG,
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({ packets: 1, forwarded: 0, dropped: { 'fragment-orphan': 1 } });
  });
});

describe('what goes wrong leaves no output', () => {
  const failing = async (input: string, output: string, config = CONFIG) => {
    const { status, stdout, stderr } = await runMain('replay', input, output, '--exec', config);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^lb replay: [^\n]+\n$/);
    return stderr;
  };

  it('a capture that is cut short', async () => {
    writeFileSync(folder.file('cut.pcap'), readFileSync(INPUT).subarray(0, -1));
    const before = readdirSync(folder.path).sort();
    expect(await failing(folder.file('cut.pcap'), folder.file('none.pcap'))).toContain('(LB_CAP_TRUNCATED)');
    expect(readdirSync(folder.path).sort()).toEqual(before);
  });

  it('a file that is no capture, or is not there', async () => {
    expect(await failing(CONFIG, folder.file('none.pcap'))).toContain('(LB_CAP_NOT_A_CAPTURE)');
    expect(await failing(folder.file('absent'), folder.file('none.pcap'))).toContain('(LB_CAP_OPEN)');
    expect(existsSync(folder.file('none.pcap'))).toBe(false);
  });

  it.each([
    ['itself', (path: string) => path],
    [
      'a link to it',
      (path: string) => {
        symlinkSync(path, `${path}.soft`);
        return `${path}.soft`;
      },
    ],
    [
      'another name of it',
      (path: string) => {
        linkSync(path, `${path}.hard`);
        return `${path}.hard`;
      },
    ],
  ])('an output that is the input: %s', async (_, nameFor) => {
    const bytes = readFileSync(INPUT);
    expect(await failing(INPUT, nameFor(INPUT))).toContain('(LB_CLI_SAME_FILE)');
    expect(readFileSync(INPUT).equals(bytes)).toBe(true);
  });

  it('an output that is the configuration', async () => {
    expect(await failing(INPUT, CONFIG)).toContain('(LB_CLI_SAME_FILE)');
  });

  it('a configuration with a mistake', async () => {
    const wrong = folder.write('wrong.lb', 'lb vip 90.0.0.0/33');
    expect(await failing(INPUT, folder.file('none.pcap'), wrong)).toMatch(/wrong\.lb:1:8: .*LB_CFG_PREFIX/);
    expect(existsSync(folder.file('none.pcap'))).toBe(false);
  });
});
