import { describe, expect, test } from 'vitest';
import { problemText } from '../errors.js';
import type { Config } from '../schema.js';
import { PLAN_WARNINGS } from './codes.js';
import { plan } from './plan.js';
import { configOf, NOW, oneVip, planned, type VipInput } from './plan.testkit.js';
import type { Planned } from './types.js';

const A = '10.0.0.1';
const B = '10.0.0.2';
const C = '10.0.0.3';
const six = (...numbers: number[]) => numbers.map((n) => ({ address: `2001:db8::${n}` }));
const nat: VipInput = {
  prefix: '90.1.2.1',
  port: 3306,
  targetPort: 3307,
  nodePort: 30964,
  encap: 'nat4',
  newLen: 8,
  ass: [{ address: A }],
};

/** A configuration of some VIPs without flaws of its own. */
function of(vips: VipInput[], more: object = {}): Config {
  return configOf({ ip4SrcAddress: '192.0.2.254', natInterfaces: { nat4: ['eth1', 'eth2'] }, vips, ...more });
}

const gre: VipInput = { prefix: '90.0.0.0/8', newLen: 8, ass: [{ address: A }, { address: B }] };
const ramp = { from: 0, start: new Date(NOW - 30_000).toISOString(), seconds: 60 };
const flows = (_: unknown, address: string) => (address === B ? 1 : 52_066);

const CASES: [string, Planned, Planned, string[]][] = [
  [
    'a VIP goes',
    planned(of([gre])),
    planned(of([])),
    ['VIP 90.0.0.0/8 goes, and its 52,067 established flows are cut; drain its ASs first (LB_PLAN_WARN_CUT)'],
  ],
  [
    'ASs disabled, past their deadline, and of a family that cannot be sent to',
    planned(oneVip([A, B, C])),
    planned(
      oneVip([
        { address: A, state: 'disabled' },
        { address: B, state: 'draining', drainUntil: new Date(NOW).toISOString() },
        C,
      ]),
    ),
    [
      'AS 10.0.0.1 of VIP 90.0.0.0/8 disabled: 52,066 established flows are balanced anew; drain first to let them end (LB_PLAN_WARN_CUT)',
      'AS 10.0.0.2 of VIP 90.0.0.0/8 past the drain deadline: 1 established flow is balanced anew; move the deadline to let them end (LB_PLAN_WARN_CUT)',
      'AS 10.0.0.3 of VIP 90.0.0.0/8: up to 2.7 times the new flows of now (LB_PLAN_WARN_LOAD)',
    ],
  ],
  [
    'an encap of the other family',
    planned(oneVip([A, B])),
    planned(oneVip(['2001:db8::1', '2001:db8::2'], { encap: 'gre6' })),
    [
      '2 ASs (10.0.0.1, 10.0.0.2) of VIP 90.0.0.0/8 removed, and of the family that the encap sends to no more: 52,067 established flows are balanced anew (LB_PLAN_WARN_CUT)',
      'VIP 90.0.0.0/8: packets of established flows, too, come as gre6 instead of gre4 (LB_PLAN_WARN_WAY)',
    ],
  ],
  [
    'stickiness',
    planned(oneVip([A, B])),
    planned(oneVip([A, B], { srcIpSticky: true })),
    [
      'VIP 90.0.0.0/8: its 52,067 established flows are balanced anew, as srcIpSticky changes what a flow is (LB_PLAN_WARN_CUT)',
    ],
  ],
  [
    'no AS left',
    planned(oneVip([A])),
    planned(oneVip([{ address: A, weight: 0 }])),
    ['VIP 90.0.0.0/8 has no AS that takes new flows: their packets are dropped (LB_PLAN_WARN_NO_AS)'],
  ],
  [
    'ASs fail',
    planned(oneVip([A, B, C])),
    planned(oneVip([A, B]), [A]),
    [
      'VIP 90.0.0.0/8: health check failing for AS 10.0.0.1; another AS carries up to 100 % of the new flows (LB_PLAN_WARN_HEALTH)',
      'AS 10.0.0.2 of VIP 90.0.0.0/8: up to 2.7 times the new flows of now (LB_PLAN_WARN_LOAD)',
      'AS 10.0.0.1 of VIP 90.0.0.0/8: flows other than TCP are balanced anew, though they count as kept (LB_PLAN_WARN_UDP)',
    ],
  ],
  [
    'ASs of a UDP service fail',
    planned(oneVip([A, B], { port: 53, protocol: 'udp' })),
    planned(oneVip([A, B], { port: 53, protocol: 'udp' }), [B]),
    [
      'AS 10.0.0.2 of VIP 90.0.0.0/8 udp port 53 failing: 1 established flow is balanced anew (LB_PLAN_WARN_CUT)',
      'VIP 90.0.0.0/8 udp port 53: health check failing for AS 10.0.0.2; another AS carries up to 100 % of the new flows (LB_PLAN_WARN_HEALTH)',
      'AS 10.0.0.1 of VIP 90.0.0.0/8 udp port 53: up to 2.0 times the new flows of now (LB_PLAN_WARN_LOAD)',
    ],
  ],
  [
    'too many fail',
    planned(oneVip([A, B])),
    planned(oneVip([A, B], { panic: 60 }), [B]),
    ['VIP 90.0.0.0/8: less than 60 % of its ASs are healthy, so health is ignored (LB_PLAN_WARN_HEALTH)'],
  ],
  [
    'the last AS goes on',
    planned(oneVip([A])),
    planned(oneVip([{ address: A, state: 'draining' }], { lastAs: 'keep' })),
    [
      'VIP 90.0.0.0/8: no AS would take new flows, so AS 10.0.0.1 goes on, as lastAs keep asks for (LB_PLAN_WARN_HEALTH)',
    ],
  ],
  [
    'one prefix in another comes and goes',
    planned(of([gre, { prefix: '90.2.0.0/16', newLen: 8, ass: [{ address: C }] }])),
    planned(of([gre, { prefix: '90.3.0.0/16', port: 80, newLen: 8, ass: [{ address: C }] }])),
    [
      'VIP 90.2.0.0/16 goes, and its 52,066 established flows are cut; drain its ASs first (LB_PLAN_WARN_CUT)',
      'VIP 90.2.0.0/16 goes: what is sent to 90.2.0.0/16 then belongs to 90.0.0.0/8 around it (LB_PLAN_WARN_NESTED)',
      'VIP 90.3.0.0/16 port 80 lies in 90.0.0.0/8 and takes its traffic from there: flows to 90.3.0.0/16 are balanced anew, though they count as kept; what goes to ports that no VIP of 90.3.0.0/16 serves is not balanced any more (LB_PLAN_WARN_NESTED)',
    ],
  ],
  [
    'another node port and target port',
    planned(of([nat])),
    planned(of([{ ...nat, nodePort: 30965, targetPort: 80 }])),
    [
      'VIP 90.1.2.1/32 port 3306: node port 30964 goes, and flows that came in by it are cut, though they count as kept (LB_PLAN_WARN_NODE_PORT)',
      'VIP 90.1.2.1/32 port 3306: established connections go to port 80 of their AS, which knows them at port 3307 (LB_PLAN_WARN_WAY)',
    ],
  ],
  [
    'another source and node address, one return interface less',
    planned(of([gre, nat])),
    planned(of([gre, nat], { ip4SrcAddress: '192.0.2.253', natInterfaces: { nat4: ['eth2'] } })),
    [
      'node ports are no longer served on 192.0.2.254, and flows that came in there are cut, though they count as kept (LB_PLAN_WARN_NODE_PORT)',
      'GRE packets come from 192.0.2.253 instead of 192.0.2.254: the ASs must accept that (LB_PLAN_WARN_WAY)',
      'what ASs answer by way of eth1 is no longer translated back (LB_PLAN_WARN_WAY)',
    ],
  ],
  [
    'another DSCP',
    planned(oneVip([A], { encap: 'l3dsr', dscp: 2 })),
    planned(oneVip([A], { encap: 'l3dsr', dscp: 3 })),
    ['VIP 90.0.0.0/8: packets of established flows, too, carry DSCP 3 instead of 2 (LB_PLAN_WARN_WAY)'],
  ],
  [
    'settings of the whole',
    planned(of([gre])),
    planned(of([gre], { timeout: 30, flowHash: 'vpp', buckets: 4096, interfaces: [{ name: 'eth0' }] })),
    [
      'flows that pause for more than 30 s are forgotten; until now 40 s; a flow that lives now goes by it from its next packet on (LB_PLAN_WARN_TIMEOUT)',
      'with flowHash vpp every new flow picks its bucket anew, also where no bucket moves; established flows stay where they are (LB_PLAN_WARN_FLOW_HASH)',
      'buckets as changed counts from the next start of the daemon on (LB_CFG_WARN_NEXT_START)',
      'interfaces as changed counts from the next start of the daemon on (LB_CFG_WARN_NEXT_START)',
    ],
  ],
  [
    'idle times of some flows',
    planned(of([gre], { timeout: 60, tcpTimeout: 600, udpTimeout: 50 })),
    planned(of([gre], { timeout: 30, tcpTimeout: 600, udpTimeout: 40 })),
    [
      'UDP flows that pause for more than 40 s are forgotten; until now 50 s; a flow that lives now goes by it from its next packet on (LB_PLAN_WARN_TIMEOUT)',
      'flows of other protocols than TCP and UDP that pause for more than 30 s are forgotten; until now 60 s; a flow that lives now goes by it from its next packet on (LB_PLAN_WARN_TIMEOUT)',
    ],
  ],
  [
    'connections that open or close, and what gets longer',
    planned(of([gre])),
    planned(of([gre], { tcpOpeningTimeout: 1, tcpClosingTimeout: 1, udpTimeout: 41 })),
    [
      'UDP flows are kept for 41 s without packets, and need room; until now 40 s; a flow that lives now goes by it from its next packet on (LB_PLAN_WARN_TIMEOUT)',
      'opening TCP connections that pause for more than 1 s are forgotten; until now 10 s; a flow that lives now goes by it from its next packet on (LB_PLAN_WARN_TIMEOUT)',
      'closing TCP connections that pause for more than 1 s are forgotten; until now 10 s; a flow that lives now goes by it from its next packet on (LB_PLAN_WARN_TIMEOUT)',
    ],
  ],
  [
    'a time for all that takes those of opening and closing connections with it, and times that come to the same',
    planned(of([gre], { tcpTimeout: 40 })),
    planned(of([gre], { timeout: 5, udpTimeout: 40, otherTimeout: 40 })),
    [
      'TCP flows that pause for more than 5 s are forgotten; until now 40 s; a flow that lives now goes by it from its next packet on (LB_PLAN_WARN_TIMEOUT)',
      'opening TCP connections that pause for more than 5 s are forgotten; until now 10 s; a flow that lives now goes by it from its next packet on (LB_PLAN_WARN_TIMEOUT)',
      'closing TCP connections that pause for more than 5 s are forgotten; until now 10 s; a flow that lives now goes by it from its next packet on (LB_PLAN_WARN_TIMEOUT)',
    ],
  ],
  [
    'a table too short',
    planned(oneVip([A, B], { newLen: 64 })),
    planned(oneVip([A, B, C], { newLen: 4 })),
    [
      'AS 10.0.0.3 of VIP 90.0.0.0/8 gets 2 of 4 buckets, 50.0 % more than its weight asks for; use a larger newLen (LB_PLAN_WARN_SHARE)',
    ],
  ],
  [
    'a ramp',
    planned(oneVip([A])),
    // From a third of 8 buckets to half of them.
    planned(oneVip([A, { address: B, ramp }])),
    [
      'AS 10.0.0.2 of VIP 90.0.0.0/8: weight on its way until 2026-03-01T12:00:30.000Z; 12.5 % of the buckets move by then (LB_PLAN_WARN_RAMP)',
    ],
  ],
];

describe('warnings', () => {
  test.each(CASES)('%s', (_, before, after, expected) => {
    expect(plan(before, after, flows).warnings.map(problemText)).toEqual(expected);
  });

  test('every code has a case', () => {
    const used = CASES.flatMap(([, , , texts]) => texts.map((text) => /\((LB_PLAN_\w+)\)$/.exec(text)?.[1]));
    expect(new Set(used.filter((code) => code !== undefined))).toEqual(new Set(Object.keys(PLAN_WARNINGS)));
  });

  test('name their place in the configuration after, or of what goes in the one before', () => {
    const before = planned(of([gre, nat]));
    const after = planned(of([{ ...nat, nodePort: 1 }]));
    expect(plan(before, after).warnings.map(({ path }) => path)).toEqual(['vips[0]', 'vips[0].nodePort']);
  });

  test('without counts, what is cut is named all the same; of none, nothing is said', () => {
    const there = planned(oneVip([A, B]));
    const gone = planned(configOf({}));
    expect(plan(there, gone).warnings.map(({ message }) => message)).toEqual([
      'VIP 90.0.0.0/8 goes, and its established flows are cut',
    ]);
    expect(plan(there, gone, () => 0).warnings).toEqual([]);
  });

  test('IPv6 has its own sources and return interfaces', () => {
    const vips: VipInput[] = [
      { prefix: '2002::/16', encap: 'gre6', newLen: 8, ass: six(1) },
      { prefix: '2003::1', port: 80, nodePort: 30000, encap: 'nat6', newLen: 8, ass: six(2) },
    ];
    const settings = { natInterfaces: { nat6: ['eth1'] }, ip6SrcRange: '2001:db8:1::/112' };
    const before = configOf({ vips, ip6SrcAddress: '2001:db8:ff::1', ...settings });
    const after = configOf({ vips, ip6SrcAddress: '2001:db8:ff::2', natInterfaces: { nat6: [] } });
    expect(plan(planned(before), planned(after)).warnings.map(({ code, path }) => [code, path])).toEqual([
      ['LB_PLAN_WARN_NODE_PORT', 'ip6SrcAddress'],
      ['LB_PLAN_WARN_WAY', 'ip6SrcRange'],
      ['LB_PLAN_WARN_WAY', 'natInterfaces.nat6'],
    ]);
  });
});
