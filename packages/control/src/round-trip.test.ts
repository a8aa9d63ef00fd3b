import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyCommands } from './apply.js';
import { anyConfig } from './config.testkit.js';
import { formatCommands, formatConf, formatSetVip } from './grammar/format.js';
import { parseCommands } from './grammar/parse.js';
import { type Config, emptyConfig } from './schema.js';
import { parseConfig } from './validate.js';
import { vipRefOf } from './vip-ref.js';
import { formatYamlConfig, parseYamlConfig } from './yaml.js';

const RUNS = { numRuns: 100 };

/** What of a configuration the grammar has words for. */
function sayable(config: Config): Config {
  const vips = config.vips.map((vip) => ({
    ...vip,
    ass: vip.ass.map(({ address, weight, state }) => ({ address, weight, state })),
  }));
  return { ...config, interfaces: [], listeners: [], vips };
}

test('command lines made from a configuration make it again', () => {
  fc.assert(
    fc.property(anyConfig, (config) => {
      const lines = formatCommands(config);
      const { config: made, effects } = applyCommands(emptyConfig(), parseCommands(lines.join('\n')));
      expect(made).toEqual(sayable(config));
      expect(effects).toEqual([]);
    }),
    RUNS,
  );
});

test('a line that changes a VIP makes of it any other of its name, and leaves its ASs', () => {
  const pairs = fc.tuple(anyConfig, anyConfig).filter(([{ vips: a }, { vips: b }]) => a.length > 0 && b.length > 0);
  let changed = 0;
  fc.assert(
    fc.property(pairs, ([before, after]) => {
      for (const from of before.vips) {
        for (const to of after.vips) {
          const { prefix: _, protocol: __, port: ___, ass: ____, ...settings } = to;
          const wanted = { ...vipRefOf(from), ...settings, ass: from.ass };
          const base = { ...before, vips: [from] };
          let expected: Config;
          try {
            expected = parseConfig({ ...base, vips: [wanted] }).config;
          } catch {
            continue;
          }
          const change: Record<string, unknown> = { ...settings };
          for (const key of Object.keys(from)) if (!(key in wanted)) change[key] = null;
          const line = formatSetVip(vipRefOf(from), change);
          expect(applyCommands(base, parseCommands(line)).config).toEqual(expected);
          changed++;
        }
      }
    }),
    RUNS,
  );
  expect(changed).toBeGreaterThan(20);
});

test('a line that changes settings makes of them any others', () => {
  fc.assert(
    fc.property(anyConfig, anyConfig, ({ vips: _, ...before }, { vips: __, ...after }) => {
      const taken = Object.keys(before).filter((key) => !(key in after));
      const line = formatConf({ ...after, ...Object.fromEntries(taken.map((key) => [key, null])) });
      const { interfaces, listeners, natInterfaces } = before;
      const { config } = applyCommands({ ...before, vips: [] }, parseCommands(line));
      expect(config).toEqual({ ...after, interfaces, listeners, natInterfaces, vips: [] });
    }),
    RUNS,
  );
});

test('YAML made from a configuration makes it again', () => {
  fc.assert(
    fc.property(anyConfig, (config) => {
      expect(parseYamlConfig(formatYamlConfig(config)).config).toEqual(config);
    }),
    RUNS,
  );
});

test('a configuration is its own native form', () => {
  fc.assert(
    fc.property(anyConfig, (config) => {
      expect(parseConfig(JSON.parse(JSON.stringify(config))).config).toEqual(config);
    }),
    RUNS,
  );
});

test('the generator reaches what the round trips are about', () => {
  const sample = fc.sample(anyConfig, { numRuns: 100, seed: 1 });
  const vips = sample.flatMap((config) => config.vips);
  for (const encap of ['gre4', 'gre6', 'l3dsr', 'nat4', 'nat6'])
    expect(vips.some((vip) => vip.encap === encap)).toBe(true);
  expect(vips.some((vip) => vip.ass.length > 1)).toBe(true);
  expect(vips.some((vip) => vip.protocol !== undefined && vip.nodePort !== undefined)).toBe(true);
  expect(sample.some((config) => config.natInterfaces.nat6.length > 0)).toBe(true);
  for (const type of ['tcp', 'http', 'https', 'udp', 'icmp'])
    expect(vips.some(({ check }) => check?.type === type)).toBe(true);
  const ass = vips.flatMap((vip) => vip.ass);
  expect(ass.some(({ drainUntil }) => drainUntil !== undefined)).toBe(true);
  expect(ass.some(({ ramp }) => ramp !== undefined)).toBe(true);
});

test('lines are as an operator would write them', () => {
  const { config } = parseConfig({
    ip4SrcAddress: '192.0.2.1',
    timeout: 60,
    tcpTimeout: 900,
    tcpOpeningTimeout: 5,
    tcpClosingTimeout: 15,
    udpTimeout: 30,
    otherTimeout: 1,
    natInterfaces: { nat4: ['eth1'] },
    vips: [
      {
        prefix: '90.1.2.1',
        encap: 'nat4',
        protocol: 'tcp',
        port: 3306,
        targetPort: 3307,
        ass: [
          { address: '10.0.0.1' },
          { address: '10.0.0.2' },
          { address: '10.0.0.3', weight: 0 },
          { address: '10.0.0.4' },
          { address: '10.0.0.5', state: 'draining', drainUntil: '2026-01-31T18:00:00Z' },
          { address: '10.0.0.6', state: 'disabled', weight: 5 },
        ],
        check: { type: 'tcp', send: 'a #', expect: '\\x01', interval: 1.5 },
      },
      { prefix: '2002::/16', encap: 'gre6', newLen: 16, srcIpSticky: true, lastAs: 'keep', panic: 0 },
    ],
  });
  expect(formatCommands(config)).toEqual([
    'lb conf ip4-src-address 192.0.2.1 timeout 60 tcp-timeout 900 tcp-opening-timeout 5 tcp-closing-timeout 15 udp-timeout 30 other-timeout 1',
    'lb set interface nat4 in eth1',
    'lb vip 90.1.2.1/32 protocol tcp port 3306 target_port 3307 encap nat4 new_len 1024 check tcp send a\\x20\\x23 expect \\x01 interval 1.5',
    'lb vip 2002::/16 encap gre6 new_len 16 src_ip_sticky last_as keep panic 0',
    'lb as 90.1.2.1/32 protocol tcp port 3306 10.0.0.1 10.0.0.2',
    'lb as 90.1.2.1/32 protocol tcp port 3306 10.0.0.3 weight 0',
    'lb as 90.1.2.1/32 protocol tcp port 3306 10.0.0.4',
    'lb as 90.1.2.1/32 protocol tcp port 3306 10.0.0.5 drain',
    'lb as 90.1.2.1/32 protocol tcp port 3306 10.0.0.6 weight 5 disable',
  ]);
  expect(formatYamlConfig(config)).toBe(
    `ip4SrcAddress: 192.0.2.1
timeout: 60
tcpTimeout: 900
tcpOpeningTimeout: 5
tcpClosingTimeout: 15
udpTimeout: 30
otherTimeout: 1
natInterfaces:
  nat4:
    - eth1
vips:
  - prefix: 90.1.2.1/32
    protocol: tcp
    port: 3306
    targetPort: 3307
    encap: nat4
    newLen: 1024
    check:
      type: tcp
      send: "a #"
      expect: \\x01
      interval: 1.5
    ass:
      - address: 10.0.0.1
      - address: 10.0.0.2
      - address: 10.0.0.3
        weight: 0
      - address: 10.0.0.4
      - address: 10.0.0.5
        state: draining
        drainUntil: 2026-01-31T18:00:00.000Z
      - address: 10.0.0.6
        weight: 5
        state: disabled
  - prefix: 2002::/16
    encap: gre6
    newLen: 16
    srcIpSticky: true
    panic: 0
    lastAs: keep
`,
  );
});
