import { expect, test } from 'vitest';
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

test('no VIPs', () => {
  expect(showVips(viewVips(emptyConfig()), false)).toBe('no VIPs\n');
});

test('JSON has the same keys whether or not a thing is set or known', () => {
  const unknown = { packets: null, bytes: null, buckets: null, flows: null };
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
    flowHash: 'fast',
    table: 'maglev',
    natInterfaces: { nat4: ['eth1', 'eth2'], nat6: [] },
    vips: 3,
    ass: 3,
  });
});
