import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyCommands } from '../apply.js';
import { ConfigError } from '../errors.js';
import { emptyConfig, type VipConfig } from '../schema.js';
import type { Command } from './command.js';
import { parseCommands } from './parse.js';

/** The one command of a line, without its source. */
function one(line: string): Omit<Command, 'source'> {
  const [command, ...rest] = parseCommands(line);
  expect(rest).toEqual([]);
  const { source: _, ...content } = command!;
  return content;
}

const CHECK = { via: 'direct', interval: 2, timeout: 1, rise: 2, fall: 3, jitter: 0.1 };

describe('every line of the grammar', () => {
  test.each<[string, object]>([
    ['lb conf', { kind: 'conf', settings: {}, unset: [] }],
    [
      'lb conf no tcp-timeout table vpp no ip4-src-range flow-hash vpp ip6-src-range 2001:DB8::/112',
      {
        kind: 'conf',
        settings: { table: 'vpp', flowHash: 'vpp', ip6SrcRange: '2001:db8::/112' },
        unset: ['tcpTimeout', 'ip4SrcRange'],
      },
    ],
    [
      'lb set vip 10.1.2.3/8 port 80 new_len 64 no dscp protocol tcp src_ip_sticky mss_clamp 1400 no check',
      {
        kind: 'set-vip',
        vip: { prefix: '10.0.0.0/8', protocol: 'tcp', port: 80 },
        settings: { newLen: 64, srcIpSticky: true, mssClamp: 1400 },
        unset: ['dscp', 'check'],
      },
    ],
    [
      'lb set vip 10.0.0.0/8 check tcp port 81 no panic',
      {
        kind: 'set-vip',
        vip: { prefix: '10.0.0.0/8' },
        settings: { check: { ...CHECK, type: 'tcp', port: 81 } },
        unset: ['panic'],
      },
    ],
    [
      'lb conf ip4-src-address 192.0.2.1 ip6-src-address 2001:DB8::0001 buckets 4096 timeout 60',
      {
        kind: 'conf',
        settings: { ip4SrcAddress: '192.0.2.1', ip6SrcAddress: '2001:db8::1', buckets: 4096, timeout: 60 },
        unset: [],
      },
    ],
    [
      'lb conf udp-timeout 5 tcp-timeout 900 other-timeout 6 tcp-closing-timeout 7 tcp-opening-timeout 8',
      {
        kind: 'conf',
        settings: { udpTimeout: 5, tcpTimeout: 900, otherTimeout: 6, tcpClosingTimeout: 7, tcpOpeningTimeout: 8 },
        unset: [],
      },
    ],
    ['lb vip 10.0.0.0/8', { kind: 'vip', vip: { prefix: '10.0.0.0/8' }, settings: {}, del: false }],
    ['lb vip 10.1.2.3/8 del', { kind: 'vip', vip: { prefix: '10.0.0.0/8' }, settings: {}, del: true }],
    [
      'lb vip 192.0.2.7 protocol udp port 53 target_port 5353 node_port 30053 encap nat4 type nodeport new_len 65536 src_ip_sticky',
      {
        kind: 'vip',
        vip: { prefix: '192.0.2.7/32', protocol: 'udp', port: 53 },
        settings: {
          targetPort: 5353,
          nodePort: 30053,
          encap: 'nat4',
          type: 'nodeport',
          newLen: 65536,
          srcIpSticky: true,
        },
        del: false,
      },
    ],
    [
      'lb vip 100.0.0.0/8 encap l3dsr dscp 2',
      { kind: 'vip', vip: { prefix: '100.0.0.0/8' }, settings: { encap: 'l3dsr', dscp: 2 }, del: false },
    ],
    [
      'lb as 2002::/16 2001::2 2001:0::3 weight 7',
      {
        kind: 'as',
        vip: { prefix: '2002::/16' },
        addresses: ['2001::2', '2001::3'],
        change: { weight: 7 },
        del: false,
        flush: false,
      },
    ],
    [
      'lb as 10.0.0.0/8 flush 192.0.2.1 port 80 del 192.0.2.2 protocol tcp',
      {
        kind: 'as',
        vip: { prefix: '10.0.0.0/8', protocol: 'tcp', port: 80 },
        addresses: ['192.0.2.1', '192.0.2.2'],
        change: {},
        del: true,
        flush: true,
      },
    ],
    [
      'lb as 10.0.0.0/8 192.0.2.1 drain deadline 300 weight 50 over 60',
      {
        kind: 'as',
        vip: { prefix: '10.0.0.0/8' },
        addresses: ['192.0.2.1'],
        change: { weight: 50, overSeconds: 60, state: 'draining', deadlineSeconds: 300 },
        del: false,
        flush: false,
      },
    ],
    [
      'lb as 10.0.0.0/8 disable 192.0.2.1',
      {
        kind: 'as',
        vip: { prefix: '10.0.0.0/8' },
        addresses: ['192.0.2.1'],
        change: { state: 'disabled' },
        del: false,
        flush: false,
      },
    ],
    [
      'lb vip 10.0.0.0/8 panic 50 last_as keep check http port 8080 timeout 0.5 interval 5 path /health encap gre6',
      {
        kind: 'vip',
        vip: { prefix: '10.0.0.0/8' },
        settings: {
          ...{ panic: 50, lastAs: 'keep', encap: 'gre6' },
          check: { ...CHECK, type: 'http', port: 8080, timeout: 0.5, interval: 5, path: '/health' },
        },
        del: false,
      },
    ],
    [
      'lb vip 10.0.0.1 port 443 check https host WWW.example.org status 200-299,404 tls_verify false rise 1 fall 5 jitter 0.25 via encap',
      {
        kind: 'vip',
        vip: { prefix: '10.0.0.1/32', port: 443 },
        settings: {
          check: {
            ...{ type: 'https', host: 'www.example.org', status: '200-299,404', tlsVerify: false },
            ...{ via: 'encap', interval: 2, timeout: 1, rise: 1, fall: 5, jitter: 0.25 },
          },
        },
        del: false,
      },
    ],
    [
      'lb vip 10.0.0.1 port 53 check udp send \\x00a\\x20\\\\\\x23 expect \\r\\n',
      {
        kind: 'vip',
        vip: { prefix: '10.0.0.1/32', port: 53 },
        settings: { check: { ...CHECK, type: 'udp', send: '\\x00a \\\\#', expect: '\\x0d\\x0a' } },
        del: false,
      },
    ],
    ['lb set interface nat4 in eth0', { kind: 'interface', nat: 'nat4', name: 'eth0', del: false }],
    [
      'lb set interface nat6 in GigabitEthernet0/8/0 del',
      { kind: 'interface', nat: 'nat6', name: 'GigabitEthernet0/8/0', del: true },
    ],
    ['lb flush vip 10.0.0.0/8', { kind: 'flush-vip', vip: { prefix: '10.0.0.0/8' } }],
    [
      'lb flush vip 10.0.0.0/8 port 80 protocol udp',
      { kind: 'flush-vip', vip: { prefix: '10.0.0.0/8', protocol: 'udp', port: 80 } },
    ],
    ['show lb', { kind: 'show', what: 'lb', verbose: false }],
    ['show lb vip', { kind: 'show', what: 'vip', verbose: false }],
    ['show lb vips', { kind: 'show', what: 'vip', verbose: false }],
    ['show lb vip verbose', { kind: 'show', what: 'vip', verbose: true }],
    ['show lb vips verbose', { kind: 'show', what: 'vip', verbose: true }],
    ['show node counters', { kind: 'show', what: 'node-counters', verbose: false }],
  ])('%s', (line, expected) => {
    expect(one(line)).toEqual(expected);
  });
});

test('comments, blank lines, tabs, line ends and a byte-order mark', () => {
  const text = '\uFEFF# heading\r\n\r\n\tshow\tlb   # trailing\r\n   #\nlb vip 10.0.0.0/8#glued\rshow lb vip';
  const commands = parseCommands(text, 'a.lb');
  expect(commands.map(({ kind, source }) => [kind, source.file, source.line, source.column])).toEqual([
    ['show', 'a.lb', 3, 2],
    ['vip', 'a.lb', 5, 1],
    ['show', 'a.lb', 6, 1],
  ]);
});

test('columns of everything in a line are kept', () => {
  const [vip, as] = parseCommands(
    'lb vip 10.0.0.0/8 port 80 src_ip_sticky\nlb as 10.0.0.0/8 192.0.2.1 port 80 192.0.2.2',
  );
  expect(vip!.source.where).toEqual({ prefix: 8, port: 24, srcIpSticky: 27 });
  expect(as!.source.where).toEqual({ prefix: 7, 'ass[0]': 18, port: 33, 'ass[1]': 36 });
});

test('words after the prefix may come in any order', () => {
  const words = [
    'protocol tcp',
    'port 80',
    'target_port 8080',
    'node_port 30080',
    'encap nat4',
    'type nodeport',
    'new_len 64',
    'src_ip_sticky',
  ];
  const expected = one(`lb vip 192.0.2.1 ${words.join(' ')}`);
  fc.assert(
    fc.property(fc.shuffledSubarray(words, { minLength: words.length }), (shuffled) => {
      expect(one(`lb vip 192.0.2.1 ${shuffled.join(' ')}`)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test('any text is either commands or a ConfigError that names a line and a column of it', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'lb',
      'show',
      'vip',
      'as',
      'conf',
      'set',
      'interface',
      'nat4',
      'in',
      'port',
      'encap',
      'gre4',
      'weight',
      'del',
      '10.0.0.0/8',
      '10.0.0.1',
      '7',
      '#',
      '\n',
    ),
    fc.string({ maxLength: 6 }),
    fc.constantFrom('\0', '\uFEFF', '\u2028', '\u00a0', '\ud800', 'é', '\x1b[0m'),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const text = words.join(' ');
      try {
        parseCommands(text);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        const lines = text.split(/\r\n|\n|\r/);
        for (const { line, column } of (error as ConfigError).problems) {
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual(lines[line! - 1]!.length + 1);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('all lines that are no commands are reported, a hundred at most', () => {
  const problems = (text: string) => {
    try {
      parseCommands(text);
    } catch (error) {
      return (error as ConfigError).problems;
    }
    return [];
  };
  expect(problems('foo\nshow lb\nlb bar').map(({ line }) => line)).toEqual([1, 3]);
  expect(problems('foo\n'.repeat(1000))).toHaveLength(100);
});

const PLAIN = {
  ...{ encap: 'gre4', type: 'clusterip', newLen: 1024, srcIpSticky: false },
  ...{ panic: 25, lastAs: 'drop' },
} as const;

function asses(...addresses: string[]): VipConfig['ass'] {
  return addresses.map((address) => ({ address, weight: 100, state: 'enabled' }));
}

test("the examples of VPP's documentation, as they stand", () => {
  const text = readFileSync(new URL('../../test/vpp-examples.lb', import.meta.url), 'utf8');
  const { config } = applyCommands(emptyConfig(), parseCommands(text, 'vpp-examples.lb'));
  expect(config).toEqual({
    buckets: 1024,
    timeout: 40,
    flowHash: 'fast',
    table: 'maglev',
    interfaces: [],
    listeners: [],
    natInterfaces: { nat4: [], nat6: [] },
    vips: [
      { ...PLAIN, prefix: '2002::/16', encap: 'gre6', ass: asses('2001::2', '2001::3', '2001::4') },
      { ...PLAIN, prefix: '2003::/16', newLen: 2048, ass: asses('10.0.0.1', '10.0.0.2') },
      { ...PLAIN, prefix: '80.0.0.0/8', encap: 'gre6', newLen: 16, ass: asses('2001::2') },
      { ...PLAIN, prefix: '90.0.0.0/8', ass: asses('10.0.0.1') },
      { ...PLAIN, prefix: '100.0.0.0/8', encap: 'l3dsr', dscp: 2, newLen: 32, ass: [] },
      { ...PLAIN, prefix: '90.1.2.1/32', encap: 'nat4', port: 3306, targetPort: 3307, nodePort: 30964, ass: [] },
      { ...PLAIN, prefix: '2004::/16', encap: 'nat6', port: 6306, targetPort: 6307, nodePort: 30966, ass: [] },
    ],
  });
});
