import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MemoryOutput, openCapture, PcapngWriter } from '../capture/index.js';
import { captureRecord, TAP_INTERFACES, type TapSide } from './capture-records.js';
import type { TapRecord } from './tap-record.js';
import { type TapNames, traceLine, traceText } from './trace-text.js';

const folder = mkdtempSync(join(tmpdir(), 'lb-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names: TapNames = {
  vip: (slot) => ['90.0.0.0/8', '92.0.0.1/32 tcp 80'][slot],
  as: (slot) => ['10.0.0.1', '2001:db8::5'][slot],
  queue: (worker, queue) => (queue === 0 ? `eth${worker}` : undefined),
};

function frame(length: number, kept = length, fill = 0): TapRecord['before'] {
  return { bytes: new Uint8Array(kept).fill(fill), length };
}

const forwarded: TapRecord = {
  worker: 1,
  sec: 1_795_375_562,
  nsec: 1_234_567,
  verdict: 'forward',
  reason: null,
  protocol: 'udp',
  source: '198.51.100.1',
  sourcePort: 1000,
  destination: '90.1.2.3',
  destinationPort: 53,
  icmpError: false,
  fragment: false,
  vipSlot: 0,
  asSlot: 0,
  tracking: 'first',
  bucket: 17,
  identity: '0x0123456789abcdef',
  input: 0,
  output: 1,
  imageRevision: 7,
  before: frame(60),
  after: frame(84, 64),
};
const nothing = {
  vipSlot: null,
  asSlot: null,
  tracking: null,
  bucket: null,
  identity: null,
  output: null,
  after: null,
};
const unknown = { protocol: null, source: null, sourcePort: null, destination: null, destinationPort: null };
const punted: TapRecord = { ...forwarded, ...nothing, verdict: 'punt', reason: 'no-vip' };

describe('a trace', () => {
  it('tells stage by stage what became of a packet', () => {
    expect(traceText(forwarded, names)).toBe(
      [
        '2026-11-22T19:26:02.001234567Z  worker 1',
        '  rx        60 bytes from eth1 (queue 0)',
        '  parse     198.51.100.1:1000 > 90.1.2.3:53/udp',
        '  classify  VIP 90.0.0.0/8',
        '  select    new flow 0x0123456789abcdef: bucket 17, AS 10.0.0.1',
        '  rewrite   24 bytes longer',
        '  verdict   forward',
        '  tx        84 bytes (64 kept) to queue 1',
        '',
      ].join('\n'),
    );
  });

  it('leaves out what a packet did not come to', () => {
    expect(
      traceText({ ...punted, ...unknown, reason: 'not-ip' }, names)
        .split('\n')
        .slice(1),
    ).toEqual(['  rx        60 bytes from eth1 (queue 0)', '  verdict   punt, not-ip', '']);
  });

  it.each<[string, Partial<TapRecord>, string]>([
    ['a known flow', { tracking: 'existing', bucket: null }, 'select    known flow 0x0123456789abcdef, AS 10.0.0.1'],
    [
      'an untracked one',
      { tracking: 'untracked' },
      'select    untracked flow 0x0123456789abcdef: bucket 17, AS 10.0.0.1',
    ],
    ['no server', { asSlot: null, verdict: 'drop', after: null }, 'select    no server: bucket 17'],
    [
      'IPv6',
      { source: '2001:db8::1', destination: '2004::1', protocol: 'tcp' },
      'parse     [2001:db8::1]:1000 > [2004::1]:53/tcp',
    ],
    [
      'no ports',
      { sourcePort: null, destinationPort: null, protocol: 'icmp' },
      'parse     198.51.100.1 > 90.1.2.3/icmp',
    ],
    [
      'an ICMP error',
      { icmpError: true },
      'parse     ICMP error about a packet of 198.51.100.1:1000 > 90.1.2.3:53/udp',
    ],
    ['a fragment', { fragment: true }, 'parse     fragment, 198.51.100.1:1000 > 90.1.2.3:53/udp'],
    ['one made here', { before: null }, 'rx        made here, or held until its first fragment came'],
    ['the way back', { asSlot: null, bucket: null }, 'classify  VIP 90.0.0.0/8, on the way back to a client'],
    ['slots without names', { vipSlot: 9, asSlot: 8 }, 'classify  VIP in slot 9'],
    ['what the kernel routes', { output: 'kernel' }, 'tx        84 bytes (64 kept) to the kernel, to route'],
    ['no network', { output: null }, 'tx        84 bytes (64 kept)'],
    ['a translation', { after: frame(60, 60, 1) }, 'rewrite   length unchanged'],
    ['padding', { after: frame(50) }, 'rewrite   10 bytes shorter'],
  ])('has words for %s', (_, more, line) => {
    expect(traceText({ ...forwarded, ...more }, names).split('\n')).toContain(`  ${line}`);
  });

  it('in one line does without what stands in the packet', () => {
    expect(traceLine(forwarded, names)).toBe(
      'forward; VIP 90.0.0.0/8; AS 10.0.0.1; new flow; bucket 17; flow 0x0123456789abcdef; worker 1',
    );
    expect(traceLine(punted, names)).toBe('punt, no-vip; worker 1');
  });
});

it.each<[TapSide | undefined, string[]]>([
  [undefined, ['60 of 60', '64 of 84', '60 of 60']],
  ['received', ['60 of 60', '60 of 60']],
  ['sent', ['64 of 84']],
])('a capture has packets as they came and as they went, with their fate: %s', (side, expected) => {
  const output = new MemoryOutput();
  const writer = new PcapngWriter(output, { interfaces: TAP_INTERFACES });
  for (const record of [forwarded, punted]) captureRecord(writer, record, names, side);
  writer.close();
  const bytes = output.take();
  const path = join(folder, 'capture.pcapng');
  writeFileSync(path, bytes);
  const reader = openCapture(path);
  const found: string[] = [];
  while (reader.next()) {
    found.push(`${reader.capturedLength} of ${reader.originalLength}`);
    expect([reader.timestampSec, reader.timestampNsec]).toEqual([1_795_375_562, 1_234_567]);
  }
  reader.close();
  expect(found).toEqual(expected);
  const text = Buffer.from(bytes).toString('latin1');
  expect(text.split('forward; VIP 90.0.0.0/8; AS 10.0.0.1').length - 1).toBe(
    expected.length - (side === 'sent' ? 0 : 1),
  );
  expect(text.includes('punt, no-vip')).toBe(side !== 'sent');
});
