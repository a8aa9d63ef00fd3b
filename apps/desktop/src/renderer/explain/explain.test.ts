import { describe, expect, it } from 'vitest';
import { compareFrames, type MarkedFrame, plainFrame } from './compare-frames.js';
import { type ExplainedFlow, type ExplainedFrame, explanationSchema } from './explanation.js';
import { stagesOf } from './stages.js';

// Ethernet, then IPv4 and TCP of 198.51.100.1:1234 > 90.1.2.1:80 as in RFC 791 and RFC 9293.
const ETHERNET = '0200000000020200000000010800';
const INNER = '45000028000040004006b499c63364015a010201' + '04d2005000000000000000005002ffff248a0000';
const OUTER = '4500004000000000802f308effffffff0a000002' + '00000800';
const ethernet = { header: 'ethernet', fields: { destination: '02:00:00:00:00:02', type: '0x0800' } };
const inner = { header: 'ipv4', fields: { source: '198.51.100.1', destination: '90.1.2.1', ttl: 64 } };
const outer = { header: 'ipv4', fields: { source: '255.255.255.255', destination: '10.0.0.2', ttl: 128 } };
const tcp = { header: 'tcp', fields: { sourcePort: 1234, destinationPort: 80 } };
const gre = { header: 'gre', fields: { protocol: '0x0800' } };

const before: ExplainedFrame = { bytes: 54, headers: [ethernet, inner, tcp], hex: ETHERNET + INNER };
const after: ExplainedFrame = { bytes: 78, headers: [ethernet, outer, gre, inner, tcp], hex: ETHERNET + OUTER + INNER };

const marks = ({ bytes }: MarkedFrame): string =>
  bytes.map(({ mark }) => ({ same: '.', other: '!', only: '+' })[mark]).join('');

describe('a frame before and after', () => {
  it('GRE puts 24 bytes between Ethernet and the packet', () => {
    const both = compareFrames(before, after);
    expect(marks(both.before)).toBe('.'.repeat(54));
    expect(marks(both.after)).toBe('.'.repeat(14) + '+'.repeat(24) + '.'.repeat(40));
    expect(both.after.bytes.map(({ hex }) => hex).join('')).toBe(after.hex);
    expect(both.after.headers.map(({ header, isOnly }) => [header, isOnly])).toEqual([
      ['ethernet', false],
      ['ipv4', true],
      ['gre', true],
      ['ipv4', false],
      ['tcp', false],
    ]);
    expect(both.before.headers.some(({ isOnly }) => isOnly)).toBe(false);
  });

  it('and the other way round they are taken away', () => {
    const both = compareFrames(after, before);
    expect(marks(both.before)).toBe('.'.repeat(14) + '+'.repeat(24) + '.'.repeat(40));
    expect(marks(both.after)).toBe('.'.repeat(54));
  });

  it('what is rewritten in place is marked, byte by byte and field by field', () => {
    // Destination and checksum, as NAT does.
    const hex = before.hex.replace('b499', 'b59a').replace('5a010201', '0a000002');
    const rewritten = { ...inner, fields: { ...inner.fields, destination: '10.0.0.2' } };
    const { after: nat } = compareFrames(before, { bytes: 54, headers: [ethernet, rewritten, tcp], hex });
    expect(marks(nat)).toBe(`${'.'.repeat(24)}!!${'.'.repeat(4)}!!!!${'.'.repeat(20)}`);
    const fields = nat.headers.flatMap((header) => header.fields.filter(({ isOther }) => isOther));
    expect(fields).toEqual([{ name: 'destination', value: '10.0.0.2', isOther: true }]);
  });

  it('alone has no marks', () => {
    expect(marks(plainFrame(after))).toBe('.'.repeat(78));
  });
});

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
      'parse: IPv4, TCP',
      'classify: VIP 90.0.0.0/8',
      'hash: fast: flow 0xa7bd66b7ebcc54f9, 0xa7bd66b7 for the bucket',
      'select: new flow: bucket 7 of 16, AS 10.0.0.2 (weight 100)',
      'rewrite: gre4: 24 bytes longer',
      'verdict: forward',
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
      'parse: IPv4, TCP',
      'classify: no VIP holds 90.1.2.1',
      'verdict: punt: no VIP',
    ]);
    expect(texts({ ...none, verdict: 'drop' })[1]).toContain('no VIP there takes this protocol and port');
    expect(texts({ as: null, after: null, verdict: 'drop', reason: 'no server' })).toContain(
      'select: new flow: bucket 7 of 16, no server',
    );
  });

  it('come from what the daemon answers, and from nothing else', () => {
    expect(explanationSchema.parse({ ...explained, more: 1 })).toEqual(explained);
    expect(explanationSchema.safeParse({ verdict: 'forward' }).success).toBe(false);
    expect(explanationSchema.safeParse({ ...explained, before: { ...before, hex: 'xyz' } }).success).toBe(false);
  });
});
