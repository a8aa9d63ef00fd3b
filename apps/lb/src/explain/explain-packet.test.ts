import { join } from 'node:path';
import { loadExecFile } from '@lb/control/load-file';
import { afterAll, describe, expect, it } from 'vitest';
import { readCapture } from '../captures.testkit.js';
import { runMain, TestFolder } from '../cli.testkit.js';
import { explainPacket } from './explain-packet.js';

const e2e = new URL('../../../../e2e/', import.meta.url).pathname;
const folder = new TestFolder();
afterAll(() => folder.remove());

const configOf = async (name: string) => (await loadExecFile(join(e2e, 'configs', `${name}.lb`))).config;
const hex = (frame: Uint8Array): string => Buffer.from(frame).toString('hex');

describe('a packet of a capture', () => {
  // Recorded of real programs; ICMP errors and VLAN tags are among them.
  it.each([
    ['ip4-gre4', 'http-ip4.pcap'],
    ['ip4-gre6', 'unreachable-ip4.pcap'],
    ['ip4-l3dsr', 'vlan-ip4.pcap'],
    ['ip4-l3dsr', 'hop-limit-ip4.pcap'],
    ['ip4-nat4', 'http-ip4.pcap'],
    ['ip6-gre4', 'vlan-two-tags-ip6.pcap'],
    ['ip6-gre6', 'ping-ip6.pcap'],
    ['ip6-nat6', 'dns-ip6.pcap'],
  ])('through %s: %s is sent as replay sends it', async (name, capture) => {
    const input = join(e2e, 'captures', capture);
    const output = folder.file(`${name}.pcap`);
    await runMain('replay', input, output, '--exec', join(e2e, 'configs', `${name}.lb`));
    const frames = readCapture(input);
    const config = await configOf(name);
    const explained = frames.map((frame) => explainPacket(config, frame));
    const forwarded = explained.filter(({ verdict }) => verdict === 'forward');
    expect(forwarded.map(({ after }) => after!.hex)).toEqual(readCapture(output).map(hex));
    expect(forwarded.length).toBeGreaterThan(0);
    expect(explained.map(({ before }) => before.hex)).toEqual(frames.map(hex));
  });
});

const config = await configOf('ip4-gre4');
const packets = readCapture(join(e2e, 'captures', 'http-ip4.pcap'));
const [syn] = packets as [Uint8Array];

describe('the flow of a packet', () => {
  it('goes by the flow table if it is there', () => {
    const asked: string[] = [];
    const ack = packets.filter((frame) => explainPacket(config, frame).verdict === 'forward')[1]!;
    const free = explainPacket(config, ack);
    const other = config.vips[0]!.ass.find(({ address }) => address !== free.as!.address)!.address;
    const held = explainPacket(config, ack, {
      established: ({ sourcePort, destinationPort }) => {
        asked.push(`${sourcePort} > ${destinationPort}`);
        return other;
      },
    });
    expect(free).toMatchObject({ flowTable: 'miss', verdict: 'forward' });
    expect(held).toMatchObject({ flowTable: 'hit', as: { address: other }, hash: free.hash });
    expect(asked).toEqual([`${free.flow!.sourcePort} > 80`]);
  });

  it('is that of the packet which an ICMP error is about', () => {
    const error = readCapture(join(e2e, 'captures', 'unreachable-ip4.pcap')).find((frame) => frame[34] === 3)!;
    const asked: object[] = [];
    const { flow } = explainPacket(config, error, { established: (of) => void asked.push(of) });
    expect(flow).toMatchObject({ protocol: 'icmp', sourcePort: null });
    // Of the client: the error quotes what the VIP had sent to it.
    const quoted = new DataView(error.buffer, error.byteOffset + 42);
    expect(asked).toMatchObject([{ sourcePort: quoted.getUint16(22), destinationPort: quoted.getUint16(20) }]);
  });
});

describe('a packet that goes nowhere', () => {
  it('is told as it is', () => {
    const arp = syn.slice(0, 42);
    arp.set([0x08, 0x06], 12);
    expect(explainPacket(config, arp)).toMatchObject({
      flow: null,
      verdict: 'punt',
      reason: 'not-ip',
      prefixes: [],
      vip: null,
      after: null,
      before: { hex: hex(arp), headers: [{ header: 'ethernet' }] },
    });
  });

  it('waits, as a later fragment', () => {
    const later = readCapture(join(e2e, 'captures', 'iperf3-udp-fragments-ip4.pcap')).find(
      (frame) => frame[12] === 8 && frame[13] === 0 && (((frame[20]! << 8) | frame[21]!) & 0x1fff) > 0,
    )!;
    const { verdict, reason, flow } = explainPacket(config, later);
    expect([verdict, reason, flow!.sourcePort]).toEqual(['hold', null, null]);
  });

  it('has no length at which it is not answered', () => {
    for (const name of ['http-ip4.pcap', 'unreachable-ip4.pcap', 'vlan-two-tags-ip6.pcap', 'ping-ip6.pcap']) {
      const [frame] = readCapture(join(e2e, 'captures', name)) as [Uint8Array];
      for (let length = 1; length < frame.length; length++) {
        const { verdict, before } = explainPacket(config, frame.slice(0, length));
        expect([length, verdict]).not.toEqual([length, 'forward']);
        expect(before.bytes).toBe(length);
      }
    }
  });
});
