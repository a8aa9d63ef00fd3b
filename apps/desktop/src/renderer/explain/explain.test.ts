import { describe, expect, it } from 'vitest';
import { compareFrames, frameChanges, type MarkedFrame, plainFrame } from './compare-frames.js';
import { type ExplainedFlow, type ExplainedFrame, explanationSchema } from './explanation.js';
import { stagesOf } from './stages.js';

// Ethernet, then IPv4 and TCP of 198.51.100.1:1234 > 90.1.2.1:80 as in RFC 791 and RFC 9293.
const ETHERNET = '0200000000020200000000010800';
const INNER = '45000028000040004006b499c63364015a010201' + '04d2005000000000000000005002ffff248a0000';
const OUTER = '4500004000000000802f308effffffff0a000002' + '00000800';
const received = ETHERNET + INNER;
const sent = ETHERNET + OUTER + INNER;

const marks = ({ bytes }: MarkedFrame): string =>
  bytes.map(({ mark }) => ({ same: '.', other: '!', only: '+' })[mark]).join('');
const lines = (before: string, after: string): string[] =>
  frameChanges(compareFrames(before, after)).map(({ at, bytes, header, field, from, to }) =>
    [`${at}+${bytes}`, header, field, from, '→', to].join(' '),
  );

describe('a frame before and after', () => {
  it('GRE puts 24 bytes between Ethernet and the packet', () => {
    const both = compareFrames(received, sent);
    expect(marks(both.before)).toBe('.'.repeat(54));
    expect(marks(both.after)).toBe('.'.repeat(14) + '+'.repeat(24) + '.'.repeat(40));
    expect(both.after.bytes.map(({ hex }) => hex).join('')).toBe(sent);
    expect(both.after.headers.map(({ name, isOnly }) => [name, isOnly])).toEqual([
      ['Ethernet', false],
      ['IPv4', true],
      ['GRE', true],
      ['IPv4', false],
      ['TCP', false],
    ]);
    expect(both.before.headers.some(({ isOnly }) => isOnly)).toBe(false);
    expect(lines(received, sent)).toEqual(['14+20 IPv4   → 255.255.255.255 > 10.0.0.2', '34+4 GRE   → 0x0800']);
  });

  it('also behind a VLAN tag, and of a packet that the frame was padded behind', () => {
    const tag = '81000064';
    const tagged = (packet: string): string => `${ETHERNET.slice(0, 24)}${tag}0800${packet}`;
    const both = compareFrames(`${tagged(INNER)}000000000000`, tagged(OUTER + INNER));
    expect(marks(both.after)).toBe('.'.repeat(18) + '+'.repeat(24) + '.'.repeat(40));
    expect(marks(both.before)).toBe('.'.repeat(58) + '+'.repeat(6));
  });

  it('and the other way round they are taken away', () => {
    const both = compareFrames(sent, received);
    expect(marks(both.before)).toBe('.'.repeat(14) + '+'.repeat(24) + '.'.repeat(40));
    expect(marks(both.after)).toBe('.'.repeat(54));
    expect(lines(sent, received)).toEqual(['14+20 IPv4  255.255.255.255 > 10.0.0.2 → ', '34+4 GRE  0x0800 → ']);
  });

  it('what is rewritten in place is marked, byte by byte and field by field', () => {
    // Destination and checksum, as NAT does.
    const nat = received.replace('b499', 'b59a').replace('5a010201', '0a000002');
    expect(marks(compareFrames(received, nat).after)).toBe(`${'.'.repeat(24)}!!${'.'.repeat(4)}!!!!${'.'.repeat(20)}`);
    expect(lines(received, nat)).toEqual([
      '24+2 IPv4 header checksum 0xb499 → 0xb59a',
      '30+4 IPv4 destination 90.1.2.1 → 10.0.0.2',
    ]);
  });

  it('an ICMP error quotes the packet it is about', () => {
    const error = '45000044000000004001d1a55a010201c6336401' + '0304000000000514';
    const both = compareFrames(received, ETHERNET + error + INNER);
    expect(marks(both.after)).toBe('.'.repeat(14) + '+'.repeat(28) + '.'.repeat(40));
  });

  it('alone has no marks', () => {
    expect(marks(plainFrame(sent))).toBe('.'.repeat(78));
  });
});

const before: ExplainedFrame = { bytes: 54, hex: received };
const after: ExplainedFrame = { bytes: 78, hex: sent };

const explained: ExplainedFlow = {
  flow: { source: '198.51.100.1', sourcePort: 1234, destination: '90.1.2.1', destinationPort: 80, protocol: 'tcp' },
  verdict: 'forward',
  reason: null,
  prefixes: ['90.0.0.0/8'],
  vip: { prefix: '90.0.0.0/8', protocol: null, port: null, encap: 'gre4', newLen: 16 },
  hash: { kind: 'fast', identity: '0xa7bd66b7ebcc54f9', value: 0xa7bd66b7 },
  flowTable: 'miss',
  bucket: 7,
  as: { address: '10.0.0.2', weight: 100 },
  before,
  after,
};

const texts = (change: Partial<ExplainedFlow>) =>
  stagesOf({ ...explained, ...change }).map(({ stage, text }) => `${stage}: ${text}`);

describe('the stages', () => {
  it('of a new flow', () => {
    expect(texts({})).toEqual([
      'parse: IPv4, TCP 198.51.100.1:1234 > 90.1.2.1:80',
      'classify: VIP 90.0.0.0/8',
      'hash: fast: flow 0xa7bd66b7ebcc54f9, 0xa7bd66b7 for the bucket',
      'select: new flow: bucket 7 of 16, AS 10.0.0.2 (weight 100)',
      'rewrite: gre4: 24 bytes longer',
      'forward: sent, 78 bytes',
    ]);
  });

  it('of an established flow go by the flow table', () => {
    expect(texts({ flowTable: 'hit', bucket: null })).toContain(
      'select: established flow: AS 10.0.0.2 (weight 100), by the flow table',
    );
  });

  it('end where the packet ends', () => {
    const none = { vip: null, hash: null, flowTable: null, bucket: null, as: null, after: null };
    expect(texts({ ...none, prefixes: [], verdict: 'punt', reason: 'no VIP' })).toEqual([
      'parse: IPv4, TCP 198.51.100.1:1234 > 90.1.2.1:80',
      'classify: no VIP holds 90.1.2.1',
      'verdict: punt: no VIP',
    ]);
    expect(texts({ ...none, verdict: 'drop' })[1]).toContain('no VIP there takes this protocol and port');
    expect(texts({ as: null, after: null, verdict: 'drop', reason: 'no server' })).toContain(
      'select: new flow: bucket 7 of 16, no server',
    );
  });

  it('of a packet that is no IP packet, and of one that waits', () => {
    const none = { vip: null, hash: null, flowTable: null, bucket: null, as: null, after: null, prefixes: [] };
    expect(texts({ ...none, flow: null, verdict: 'punt', reason: 'not-ip' })).toEqual([
      'parse: no IP packet that could be read',
      'verdict: punt: not-ip',
    ]);
    const flow = { ...explained.flow!, source: '2001:db8::1', destination: '2004::1', protocol: 'udp' };
    const later = { ...flow, sourcePort: null, destinationPort: null };
    expect(texts({ ...none, prefixes: ['2004::/16'], flow: later, verdict: 'hold' })).toEqual([
      'parse: IPv6, UDP 2001:db8::1 > 2004::1',
      'verdict: hold: a later fragment waits for the first of its packet',
    ]);
    expect(texts({ ...none, flow: { ...flow, protocol: '132' }, verdict: 'drop' })[0]).toContain(
      'IPv6, protocol 132 [',
    );
  });

  it('come from what the daemon answers, and from nothing else', () => {
    expect(explanationSchema.parse({ ...explained, more: 1 })).toEqual(explained);
    expect(explanationSchema.safeParse({ verdict: 'forward' }).success).toBe(false);
    expect(explanationSchema.safeParse({ ...explained, before: { ...before, hex: 'xyz' } }).success).toBe(false);
  });
});
