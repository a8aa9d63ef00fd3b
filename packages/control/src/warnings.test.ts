import { describe, expect, test } from 'vitest';
import { applyCommands } from './apply.js';
import { CONFIG_WARNINGS, problemText } from './errors.js';
import { parseCommands } from './grammar/parse.js';
import { warnNextStart } from './rules-next-start.js';
import { emptyConfig } from './schema.js';
import { parseYamlConfig } from './yaml.js';

/** A configuration without a flaw, to which each case adds one. */
const SOUND = `ip4SrcAddress: 192.0.2.254
ip6SrcAddress: 2001:db8::fe
natInterfaces: {nat4: [eth0], nat6: [eth0]}
`;

const DOCUMENTS: [string, string[]][] = [
  [`${SOUND}vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1}]}]`, []],
  [
    'vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1}]}]',
    [
      "1:1: ip4SrcAddress is not set: outer packets of gre4 carry 255.255.255.255, as in VPP; set it to the balancer's own address (LB_CFG_WARN_SRC_ADDRESS)",
    ],
  ],
  [
    'natInterfaces: {nat6: [eth0]}\nvips: [{prefix: "2001:db8::1", encap: nat6, port: 80, nodePort: 80, ass: [{address: "2001:db8::2"}]}]',
    [
      "1:1: ip6SrcAddress is not set: node ports are served on that address, and so on none; set it to the balancer's own address (LB_CFG_WARN_NODE_ADDRESS)",
    ],
  ],
  [
    'ip4SrcAddress: 192.0.2.254\nvips: [{prefix: 10.0.0.1, encap: nat4, port: 80, ass: [{address: 192.0.2.1}]}]',
    [
      '1:1: natInterfaces.nat4 names no interface: what servers answer is not translated back, and clients get no reply; name the interface towards the servers (LB_CFG_WARN_NAT_INTERFACE)',
    ],
  ],
  [
    `${SOUND}vips: [{prefix: 10.0.0.1, protocol: tcp, ass: [{address: 192.0.2.1}]}]`,
    [
      '4:37: vips[0].protocol tcp has no effect without a port: the VIP takes every protocol; add a port, or leave the protocol out (LB_CFG_WARN_PROTOCOL)',
    ],
  ],
  [
    `${SOUND}vips: [{prefix: 10.0.0.1, encap: l3dsr, ass: [{address: 192.0.2.1}]}]`,
    [
      '4:8: vips[0].dscp is not set: packets carry DSCP 0, which a server cannot tell from other traffic; give a dscp from 1 to 63 that the servers map to this VIP (LB_CFG_WARN_DSCP)',
    ],
  ],
  [
    `${SOUND}vips: [{prefix: 10.0.0.0/8, ass: [{address: 192.0.2.1}, {address: 10.0.0.1}, {address: 10.0.0.2}]}]`,
    [
      "4:67: vips[0].ass[1].address '10.0.0.1' lies inside the VIP 10.0.0.0/8, as 2 of the ASs do: packets to it must not be routed back here (LB_CFG_WARN_AS_IN_VIP)",
    ],
  ],
  [
    `${SOUND}vips: [{prefix: 10.0.0.1, ass: []}, {prefix: 10.0.0.2, ass: [{address: 192.0.2.1, weight: 0}]}]`,
    [
      '4:32: vips[0].ass is empty: packets of new flows are dropped (LB_CFG_WARN_NO_AS)',
      '4:61: vips[1].ass has weight 0 throughout: packets of new flows are dropped (LB_CFG_WARN_NO_AS)',
    ],
  ],
  [
    `${SOUND}vips: [{prefix: 10.0.0.1, ass: [{address: 192.0.2.1, state: disabled}, {address: 192.0.2.2, weight: 0}]}]`,
    [
      '4:32: vips[0].ass has none that is enabled with a weight above 0: packets of new flows are dropped (LB_CFG_WARN_NO_AS)',
    ],
  ],
  [`${SOUND}vips: [{prefix: 10.0.0.1, lastAs: keep, ass: [{address: 192.0.2.1, state: draining}]}]`, []],
  [
    `${SOUND}vips: [{prefix: 10.0.0.1, newLen: 1, ass: [{address: 192.0.2.1}, {address: 192.0.2.2, state: draining}]}]`,
    [],
  ],
  [
    `${SOUND}vips: [{prefix: 10.0.0.1, newLen: 4, ass: [{address: 192.0.2.1}, {address: 192.0.2.2}, {address: 192.0.2.3}]}]`,
    [
      '4:35: vips[0].newLen 4 is small for 3 ASs: an AS may get 50 % more than its share; use 32 or more (LB_CFG_WARN_NEW_LEN)',
    ],
  ],
  [
    `${SOUND}vips: [{prefix: 10.0.0.1, newLen: 1, ass: [{address: 192.0.2.1}, {address: 192.0.2.2}]}]`,
    ['4:35: vips[0].newLen 1 is small for 2 ASs: 1 of them get no new flow; use 2 or more (LB_CFG_WARN_NEW_LEN)'],
  ],
  [
    `${SOUND}table: vpp\nvips: [{prefix: 10.0.0.1, newLen: 64, ass: [{address: 192.0.2.1}, {address: 192.0.2.2, weight: 50}]}]`,
    [
      "5:35: vips[0].newLen 64 is small for VPP's fill with weights that add up to 150: an AS may get 134 % more than its share; use table maglev, or 1024 buckets or more (LB_CFG_WARN_VPP_WEIGHTS)",
    ],
  ],
];

const NEXT_START = [
  'interfaces takes effect at the next start of the daemon (LB_CFG_WARN_NEXT_START)',
  'listeners takes effect at the next start of the daemon (LB_CFG_WARN_NEXT_START)',
];

describe('documents', () => {
  test.each(DOCUMENTS)('%j', (text, expected) => {
    expect(parseYamlConfig(text).warnings.map(problemText)).toEqual(expected);
  });
});

test('what the daemon reads only at its start', () => {
  const before = parseYamlConfig('{}').config;
  const { config: after } = parseYamlConfig(
    '{interfaces: [{name: eth0}], listeners: [{address: 127.0.0.1:80}], timeout: 7}',
  );
  expect(warnNextStart(before, after).map(problemText)).toEqual(NEXT_START);
  expect(warnNextStart(after, after)).toEqual([]);
});

test('every warning has a case', () => {
  const used = [...DOCUMENTS, ['', NEXT_START] as const].flatMap(([, texts]) =>
    texts.map((text) => /\((LB_CFG_\w+)\)$/.exec(text)?.[1]),
  );
  expect([...new Set(used)].sort()).toEqual(Object.keys(CONFIG_WARNINGS).sort());
});

test('a protocol without a port does not get into the model', () => {
  const { config } = parseYamlConfig('vips: [{prefix: 10.0.0.1, protocol: tcp}]');
  expect(config.vips[0]).not.toHaveProperty('protocol');
});

test('warnings about commands stand at the command that they are about, in its words', () => {
  const lines = [
    'lb conf ip4-src-address 192.0.2.254 ip6-src-address 2001:db8::fe',
    'lb vip 10.0.0.0/8 new_len 1 protocol udp',
    'lb vip 10.0.0.1 encap nat4 port 80',
    'lb as 10.0.0.0/8 192.0.2.1',
    'lb as 10.0.0.0/8 192.0.2.2 10.9.9.9',
    'lb as 10.0.0.1 port 80 192.0.2.1',
    'lb set interface nat4 in eth0',
    'lb set interface nat4 in eth0 del',
  ];
  const { warnings } = applyCommands(emptyConfig(), parseCommands(lines.join('\n'), 'a.lb'));
  expect(warnings.map(problemText)).toEqual([
    'a.lb:8:1: set interface nat4 names no interface: what servers answer is not translated back, and clients get no reply; name the interface towards the servers (LB_CFG_WARN_NAT_INTERFACE)',
    'a.lb:2:38: protocol udp has no effect without a port: the VIP takes every protocol; add a port, or leave the protocol out (LB_CFG_WARN_PROTOCOL)',
    "a.lb:5:28: AS '10.9.9.9' lies inside the VIP 10.0.0.0/8: packets to it must not be routed back here (LB_CFG_WARN_AS_IN_VIP)",
    'a.lb:2:27: new_len 1 is small for 3 ASs: 2 of them get no new flow; use 32 or more (LB_CFG_WARN_NEW_LEN)',
  ]);
});
