import { type Address, addressEquals, formatPrefix, parseAddress, parsePrefix } from '@lb/core';
import type { AsSpec, Encap, ImageSpec, VipSpec } from '@lb/dataplane';
import type { Random } from './random.js';

/** Few addresses and ports, so that things meet. Prefixes nest. */
export const PREFIXES4 = [
  '90.0.0.0/8',
  '90.1.0.0/16',
  '90.1.2.1/32',
  '100.0.0.0/9',
  '192.0.2.254/32',
  '192.0.2.0/24',
  '0.0.0.0/0',
];
export const PREFIXES6 = ['2002::/16', '2002:5::/33', '2002:5::7/128', '2004::/15', '2001:db8:ff::254/128', '::/0'];
export const ASS4 = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '90.1.2.9', '0.0.0.9', '223.255.255.254'].map(
  parseAddress,
);
export const ASS6 = ['2001::2', '2001::3', '2001::4', '2001::5', 'fe80::1', '::ffff:10.0.0.1'].map(parseAddress);
export const NODE4 = parseAddress('192.0.2.254');
export const NODE6 = parseAddress('2001:db8:ff::254');
export const PORTS = [53, 80, 443, 8080, 65535];
export const NODE_PORTS = [30080, 80, 30443, 1];

/** Outer sources; that they have to be the node's does not matter here. */
const RANGES4 = ['10.0.0.0/8', '192.0.2.128/27', '192.0.2.77/32'];
const RANGES6 = ['2001:db8:ff::/96', '2001:db8:ff::4:0/111', '2001:db8:ff::1/128'];

/** A configuration that the control plane would let through (docs/configuration.md, "Combinations"). */
export function randomSpec(random: Random): ImageSpec {
  const vips: VipSpec[] = [];
  const usedNodePorts = new Set<string>();
  for (const [prefixes, family] of [
    [PREFIXES4, 4],
    [PREFIXES6, 6],
  ] as const) {
    const count = random.below(5);
    for (const prefix of random.shuffle([...prefixes]).slice(0, count)) {
      vips.push(...randomVips(random, prefix, family, usedNodePorts));
    }
  }
  return withoutClashes({
    ...(random.oneIn(6) ? {} : { ip4Src: NODE4 }),
    ...(random.oneIn(6) ? {} : { ip6Src: NODE6 }),
    ...(random.oneIn(4) ? { ip4SrcRange: parsePrefix(random.pick(RANGES4)) } : {}),
    ...(random.oneIn(4) ? { ip6SrcRange: parsePrefix(random.pick(RANGES6)) } : {}),
    nat4In: !random.oneIn(5),
    nat6In: !random.oneIn(5),
    ...(random.oneIn(4) ? { nat4InQueues: [1] } : {}),
    ...(random.oneIn(4) ? { nat6InQueues: [0, 2] } : {}),
    timeoutSec: random.pick([1, 2, 40, 3600]),
    ...(random.oneIn(3) ? {} : { timeouts: randomTimeouts(random) }),
    flowHash: random.oneIn(2) ? 'vpp' : 'fast',
    table: random.oneIn(2) ? 'vpp' : 'maglev',
    vips: random.shuffle(vips),
  });
}

/** Some of them, so that flows end between bursts. */
function randomTimeouts(random: Random): NonNullable<ImageSpec['timeouts']> {
  const some = () => random.pick([1, 2, 3, 7, 15, 40, 3600]);
  return {
    ...(random.oneIn(3) ? {} : { tcpSec: some() }),
    ...(random.oneIn(3) ? {} : { tcpOpeningSec: some() }),
    ...(random.oneIn(3) ? {} : { tcpClosingSec: some() }),
    ...(random.oneIn(3) ? {} : { udpSec: some() }),
    ...(random.oneIn(3) ? {} : { otherSec: some() }),
  };
}

/** A node port that a VIP on the node address serves as well would lead to two services (LB_CFG_NODE_PORT_CLASH). */
function withoutClashes(spec: ImageSpec): ImageSpec {
  const vips = spec.vips.map((vip) => {
    const node = vip.prefix.address.family === 4 ? NODE4 : NODE6;
    const clashes = spec.vips.some(
      ({ prefix, port, protocol }) =>
        prefix.length === node.bytes.length * 8 &&
        addressEquals(prefix.address, node) &&
        (port === 0 || (port === vip.nodePort && (protocol === 0 || vip.protocol === 0 || protocol === vip.protocol))),
    );
    return clashes ? { ...vip, nodePort: 0 } : vip;
  });
  return { ...spec, vips };
}

/** One all-port VIP, or some with ports. */
function randomVips(random: Random, prefix: string, family: 4 | 6, usedNodePorts: Set<string>): VipSpec[] {
  if (random.oneIn(2)) return [randomVip(random, prefix, family, 0, 0, usedNodePorts)];
  const vips: VipSpec[] = [];
  for (const port of random.shuffle([...PORTS]).slice(0, 1 + random.below(3))) {
    const protocols = random.pick([[0], [6], [17], [6, 17]] as const);
    for (const protocol of protocols) vips.push(randomVip(random, prefix, family, port, protocol, usedNodePorts));
  }
  return vips;
}

function randomVip(
  random: Random,
  prefix: string,
  family: 4 | 6,
  port: number,
  protocol: 0 | 6 | 17,
  usedNodePorts: Set<string>,
): VipSpec {
  const encaps: Encap[] = ['gre4', 'gre6'];
  if (family === 4) encaps.push('l3dsr');
  if (port !== 0) encaps.push(...(family === 4 ? (['nat4', 'nat4'] as const) : (['nat6', 'nat6'] as const)));
  const encap = random.pick(encaps);
  const nat = encap === 'nat4' || encap === 'nat6';
  let nodePort = nat && random.oneIn(2) ? random.pick(NODE_PORTS) : 0;
  if (!claim(usedNodePorts, family, nodePort, protocol)) nodePort = 0;
  const servers = encap === 'gre6' || encap === 'nat6' ? ASS6 : ASS4;
  return {
    prefix: parsePrefix(prefix),
    protocol,
    port,
    targetPort: nat ? random.pick([port, 8080, 9]) : port,
    nodePort,
    encap,
    dscp: encap === 'l3dsr' ? random.below(64) : 0,
    newLen: random.pick([1, 2, 16, 64, 256]),
    srcIpSticky: random.oneIn(4),
    ...(random.oneIn(4) ? { mssClamp: random.pick([536, 1200, 1436, 65495]) } : {}),
    ass: randomAss(random, servers),
  };
}

/** A node port belongs to one service; so does the same port of a VIP on the node address, which has another number. */
function claim(used: Set<string>, family: 4 | 6, port: number, protocol: number): boolean {
  if (port === 0) return false;
  const keys = (protocol === 0 ? [6, 17] : [protocol]).map((p) => `${family} ${port} ${p}`);
  if (keys.some((key) => used.has(key))) return false;
  for (const key of keys) used.add(key);
  return true;
}

function randomAss(random: Random, servers: readonly Address[]): AsSpec[] {
  const ass: AsSpec[] = [];
  for (const address of servers) {
    if (!random.oneIn(2)) continue;
    const weight = random.pick([100, 100, 50, 1, 0]);
    const draining = random.oneIn(6);
    ass.push({ address, weight: draining ? 0 : weight, draining, udpEnds: draining && random.oneIn(2) });
  }
  return ass;
}

/** The same without NAT, whose sessions have a table of their own and whose answers follow routes of their own. */
export function withoutNat(spec: ImageSpec): ImageSpec {
  const vips = spec.vips.map((vip): VipSpec => {
    const encap = vip.encap === 'nat4' ? 'gre4' : vip.encap === 'nat6' ? 'gre6' : vip.encap;
    return encap === vip.encap ? vip : { ...vip, encap, targetPort: vip.port, nodePort: 0 };
  });
  return { ...spec, vips };
}

/** The configuration after a change. */
export function changeSpec(random: Random, spec: ImageSpec): ImageSpec {
  if (random.oneIn(8)) return randomSpec(random);
  const vips = spec.vips.filter(() => !random.oneIn(8)).map((vip) => (random.oneIn(2) ? changeVip(random, vip) : vip));
  const other = randomSpec(random);
  const taken = new Set(vips.map(({ prefix }) => formatPrefix(prefix)));
  for (const vip of other.vips) {
    if (vip.nodePort === 0 && !taken.has(formatPrefix(vip.prefix)) && random.oneIn(3)) vips.push(vip);
  }
  const { timeoutSec, timeouts = {} } = random.oneIn(4) ? other : spec;
  return withoutClashes({ ...spec, timeoutSec, timeouts, vips: random.oneIn(4) ? random.shuffle(vips) : vips });
}

function changeVip(random: Random, vip: VipSpec): VipSpec {
  const servers = vip.encap === 'gre6' || vip.encap === 'nat6' ? ASS6 : ASS4;
  const pick = random.below(6);
  if (pick === 0) return { ...vip, ass: randomAss(random, servers) };
  if (pick === 1) return { ...vip, srcIpSticky: !vip.srcIpSticky };
  if (pick === 2) return { ...vip, newLen: random.pick([1, 8, 128]) };
  if (pick === 3 && vip.encap === 'gre4' && vip.prefix.address.family === 4) return { ...vip, encap: 'l3dsr', dscp: 9 };
  return { ...vip, ass: vip.ass.map((as) => changeAs(random, as)) };
}

function changeAs(random: Random, as: AsSpec): AsSpec {
  const pick = random.below(5);
  if (pick === 0) return { ...as, weight: random.below(101), draining: false, udpEnds: false };
  if (pick === 1) return { ...as, weight: 0, draining: true, udpEnds: random.oneIn(2) };
  return as;
}
