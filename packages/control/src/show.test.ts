import { expect, test } from 'vitest';
import { effectiveAss, type HealthOf } from './effective/index.js';
import { emptyConfig } from './schema.js';
import { showLb, showVips } from './show.js';
import { parseConfig } from './validate.js';
import { type VipStats, viewLb, viewVips } from './view.js';

const { config } = parseConfig({
  ip4SrcAddress: '192.0.2.254',
  natInterfaces: { nat4: ['eth1', 'eth2'] },
  vips: [
    {
      prefix: '90.1.2.1',
      encap: 'nat4',
      port: 3306,
      protocol: 'tcp',
      targetPort: 3307,
      nodePort: 30964,
      ass: [{ address: '10.0.0.1' }, { address: '10.0.0.20', weight: 5 }],
    },
    { prefix: '2002::/16', encap: 'gre6', newLen: 64, srcIpSticky: true },
    { prefix: '100.0.0.0/8', encap: 'l3dsr', dscp: 2, ass: [{ address: '10.0.0.3' }] },
  ],
});

const STATS: VipStats[] = [
  {
    prefix: '100.0.0.0/8',
    protocol: null,
    port: 0,
    counters: { existing: 0, first: 0, untracked: 0, noServer: 0 },
    ass: [{ address: '10.0.0.3', packets: 0, bytes: 0, buckets: 1024, flows: 0 }],
  },
  {
    prefix: '90.1.2.1/32',
    protocol: 'tcp',
    port: 3306,
    counters: { existing: 123456, first: 12, untracked: 3, noServer: 0 },
    ass: [{ address: '10.0.0.20', packets: 17, bytes: 1700, buckets: 49, flows: 2 }],
  },
];

test('show lb', () => {
  expect(showLb(viewLb(config))).toBe(`SETTING          VALUE
ip4-src-address  192.0.2.254
ip6-src-address  not set
buckets          1024 (4096 flows in each worker)
timeout          40 s
tcp-timeout      40 s, opening 10 s, closing 10 s
udp-timeout      40 s
other-timeout    40 s
flow hash        fast
table            maglev
nat4 in          eth1, eth2
nat6 in          no interface
VIPs             3
ASs              3
`);
});

test('show lb vip; what is not known is not 0', () => {
  expect(showVips(viewVips(config, STATS), false)).toBe(
    `VIP          PROTOCOL  PORT  ENCAP  NEW_LEN  ASS  EXISTING  FIRST  UNTRACKED  NO_SERVER
90.1.2.1/32  tcp       3306  nat4      1024    2    123456     12          3          0
2002::/16    any       any   gre6        64    0         -      -          -          -
100.0.0.0/8  any       any   l3dsr     1024    1         0      0          0          0
`,
  );
});

test('show lb vip verbose', () => {
  expect(showVips(viewVips(config, STATS), true)).toBe(`90.1.2.1/32 tcp port 3306
  encap nat4, target_port 3307, node_port 30964, type clusterip, new_len 1024, overhead 0 bytes
  packets: existing 123456, first 12, untracked 3, no server 0
  AS         WEIGHT  BUCKETS  FLOWS  PACKETS  BYTES
  10.0.0.1      100        -      -        -      -
  10.0.0.20       5       49      2       17   1700

2002::/16
  encap gre6, type clusterip, new_len 64, src_ip_sticky, overhead 44 bytes
  packets: existing -, first -, untracked -, no server -
  no AS

100.0.0.0/8
  encap l3dsr, dscp 2, type clusterip, new_len 1024, overhead 0 bytes
  packets: existing 0, first 0, untracked 0, no server 0
  AS        WEIGHT  BUCKETS  FLOWS  PACKETS  BYTES
  10.0.0.3     100     1024      0        0      0
`);
});

test('show lb vip verbose: configured, ordered, found, and what comes of it', () => {
  const { config } = parseConfig({
    vips: [
      {
        prefix: '10.0.0.1',
        newLen: 64,
        lastAs: 'keep',
        check: { type: 'http', port: 8080, path: '/health', interval: 0.5, via: 'encap' },
        ass: [
          { address: '192.0.2.1' },
          { address: '192.0.2.2', weight: 50 },
          { address: '192.0.2.3', ramp: { from: 0, start: '2026-01-01T00:00:00Z', seconds: 100 } },
          { address: '192.0.2.4', state: 'draining', drainUntil: '2026-01-01T01:00:00Z' },
          { address: '192.0.2.5', state: 'disabled' },
        ],
      },
    ],
  });
  const healthOf: HealthOf = (_, address) => (address.endsWith('.2') ? 'failing' : 'healthy');
  const effective = effectiveAss(config, Date.parse('2026-01-01T00:00:30Z'), healthOf);
  const views = viewVips(config, [], { effective, healthOf });
  expect(showVips(views, true)).toBe(`10.0.0.1/32
  encap gre4, type clusterip, new_len 64, last_as keep, overhead 24 bytes
  check: http port 8080 /health every 0.5 s, rise 2, fall 3, through the encap, panic below 25 %
  packets: existing -, first -, untracked -, no server -
  AS         STATE     HEALTH   WEIGHT  EFFECTIVE  BUCKETS  FLOWS  PACKETS  BYTES
  192.0.2.1  enabled   healthy     100        100        -      -        -      -
  192.0.2.2  enabled   failing      50          0        -      -        -      -
  192.0.2.3  enabled   healthy     100  30 (ramp)        -      -        -      -
  192.0.2.4  draining  healthy     100          0        -      -        -      -
  192.0.2.5  disabled  healthy     100          0        -      -        -      -
`);
  expect(views[0]!.ass[3]).toMatchObject({
    ...{ state: 'draining', drainUntil: '2026-01-01T01:00:00.000Z', weight: 100 },
    ...{ health: 'healthy', effectiveWeight: 0, reason: 'draining' },
  });
});

test('offline, a state is shown where one is not enabled', () => {
  const { config } = parseConfig({
    vips: [{ prefix: '10.0.0.1', ass: [{ address: '192.0.2.1' }, { address: '192.0.2.2', state: 'disabled' }] }],
  });
  expect(showVips(viewVips(config), true)).toContain('  192.0.2.2  disabled     100');
});

test('health is not shown for a VIP that nothing checks', () => {
  const views = viewVips(config, [], { healthOf: () => 'unknown' });
  expect(views[0]!.ass[0]!.health).toBeNull();
});

test('no VIPs', () => {
  expect(showVips(viewVips(emptyConfig()), false)).toBe('no VIPs\n');
});

test('JSON has the same keys whether or not a thing is set or known', () => {
  const unknown = {
    ...{ state: 'enabled', drainUntil: null, ramp: null, health: null, effectiveWeight: null, reason: null },
    ...{ packets: null, bytes: null, buckets: null, flows: null },
  };
  expect(viewVips(config)[0]).toEqual({
    prefix: '90.1.2.1/32',
    protocol: 'tcp',
    port: 3306,
    targetPort: 3307,
    nodePort: 30964,
    encap: 'nat4',
    dscp: null,
    type: 'clusterip',
    newLen: 1024,
    srcIpSticky: false,
    overheadBytes: 0,
    check: null,
    panic: 25,
    lastAs: 'drop',
    counters: null,
    ass: [
      { address: '10.0.0.1', weight: 100, ...unknown },
      { address: '10.0.0.20', weight: 5, ...unknown },
    ],
  });
  const keys = new Set(viewVips(config, STATS).map((view) => Object.keys(view).join()));
  expect(keys.size).toBe(1);
  expect(viewLb(config)).toEqual({
    ip4SrcAddress: '192.0.2.254',
    ip6SrcAddress: null,
    buckets: 1024,
    timeout: 40,
    tcpTimeout: 40,
    tcpOpeningTimeout: 10,
    tcpClosingTimeout: 10,
    udpTimeout: 40,
    otherTimeout: 40,
    flowHash: 'fast',
    table: 'maglev',
    natInterfaces: { nat4: ['eth1', 'eth2'], nat6: [] },
    vips: 3,
    ass: 3,
  });
});
