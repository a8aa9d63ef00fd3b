import { readFileSync } from 'node:fs';
import { readCapture } from '@lb/control/captures';
import { beforeEach, describe, expect, it } from 'vitest';
import { asked } from './asked.js';
import { capture, closeCapture, MOST_BYTES, packetBytes, pickPacket, takeCapture, takeFile } from './capture-store.js';
import { packetText } from './packet-text.js';

const read = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../../../e2e/captures/${name}`, import.meta.url)));
const textsOf = (name: string): string[] => {
  const bytes = read(name);
  return readCapture(bytes, name, 1e6).packets.map((packet) => packetText(packetBytes(bytes, packet)));
};

// As tshark lists these captures.
describe('a packet in a line', () => {
  it('is its flow', () => {
    const texts = textsOf('http-ip4.pcap');
    expect(texts[1]).toBe('ARP');
    expect(texts[3]).toBe('198.51.100.10:51740 > 90.1.2.1:80/tcp SYN');
    expect(textsOf('vlan-two-tags-ip6.pcap')[2]).toBe('[2001:db8:1::10]:42328 > [2004::1]:80/tcp SYN');
    expect(textsOf('dns-ip4.pcap')[2]).toMatch(/^198[.]51[.]100[.]10:\d+ > 90[.]1[.]2[.]1:53\/udp$/);
    expect(textsOf('unreachable-ip4.pcap')[5]).toBe('198.51.100.10 > 90.1.2.1/icmp');
  });

  it('of a later fragment has no ports', () => {
    expect(textsOf('ping-ip6.pcap').slice(8, 10)).toEqual([
      '2001:db8:1::10 > 2004::1/icmpv6',
      '2001:db8:1::10 > 2004::1/fragment',
    ]);
  });

  it('that is cut short says so', () => {
    const bytes = read('http-ip4.pcap');
    const syn = packetBytes(bytes, readCapture(bytes, 'x', 10).packets[3]!);
    expect(packetText(syn.subarray(0, 10))).toBe('cut short within Ethernet');
    expect(packetText(syn.subarray(0, 20))).toBe('IPv4, cut short');
    expect(packetText(syn.subarray(0, 36))).toBe('198.51.100.10 > 90.1.2.1/protocol 6');
  });
});

describe('a capture that is taken', () => {
  beforeEach(closeCapture);

  it('has its packets explained by their bytes', () => {
    takeCapture('http-ip4.pcap', read('http-ip4.pcap'));
    const { packets, problem } = capture.getState();
    expect([packets.length, problem]).toEqual([80, null]);
    pickPacket(packets[3]!);
    expect(asked.getState().question).toMatchObject({
      kind: 'packet',
      name: 'packet 4 of http-ip4.pcap',
      hex: expect.stringMatching(/^0200000002010200000002fe08004500003cdd82/),
    });
    expect(capture.getState().picked).toBe(4);
  });

  it('and cut short shows what is there, with the reason', () => {
    takeCapture('cut.pcap', read('http-ip4.pcap').subarray(0, -1));
    expect(capture.getState().packets).toHaveLength(79);
    expect(capture.getState().problem).toContain('cut.pcap: record 80');
  });

  it('and no good leaves the one before', async () => {
    takeCapture('dns-ip4.pcap', read('dns-ip4.pcap'));
    const before = capture.getState();
    takeCapture('notes.txt', new TextEncoder().encode('no capture at all'));
    expect(capture.getState()).toEqual({ ...before, problem: expect.stringContaining('neither pcap nor pcapng') });
    await takeFile(new File([read('http-ip4.pcap').subarray(0, 24) as BlobPart], 'empty.pcap'));
    expect(capture.getState()).toEqual({ ...before, problem: 'empty.pcap: there is no packet in it' });
    await takeFile({ name: 'large.pcap', size: MOST_BYTES + 1 } as File);
    expect(capture.getState()).toEqual({
      ...before,
      problem: expect.stringContaining('large.pcap has 67,108,865 bytes'),
    });
    await takeFile({
      name: 'folder',
      size: 1,
      arrayBuffer: () => Promise.reject(new Error('it is a folder')),
    } as never);
    expect(capture.getState().problem).toBe('folder cannot be read: it is a folder');
  });
});
