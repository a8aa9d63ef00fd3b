import { addressEquals, parseAddress, parsePrefix } from '@lb/core';
import { type Finding, finding } from './finding.js';
import { checkHealthCheck } from './rules-check.js';
import type { AsConfig, Encap, VipConfig } from './schema.js';
import { familyOf, isNat } from './vip-ref.js';

/** The family of the addresses that an encap sends to. */
export const AS_FAMILY = { gre4: 4, gre6: 6, l3dsr: 4, nat4: 4, nat6: 6 } as const satisfies Record<Encap, 4 | 6>;

/** VIPs are never written to: one that was right stays so, and of ten thousand an edit makes a few anew. */
const right = new WeakSet<VipConfig>();

/** Everything wrong with one VIP taken by itself; paths are relative to it. Values are known to be in range. */
export function checkVip(vip: VipConfig): Finding[] {
  if (right.has(vip)) return [];
  const found = findingsOf(vip);
  if (found.length === 0) right.add(vip);
  return found;
}

function findingsOf(vip: VipConfig): Finding[] {
  return [
    ...checkCombination(vip),
    ...checkHealthCheck(vip),
    ...vip.ass.flatMap((as, i) => [...checkAs(vip, as, i), ...checkDrain(as, i)]),
    ...checkAsTwice(vip.ass),
  ];
}

/** Family, encap, ports and DSCP against each other: the combinations of the reference, and nothing else. */
export function checkCombination(vip: VipConfig): Finding[] {
  const { encap } = vip;
  const family = familyOf(vip.prefix);
  const nat = isNat(encap);
  const found: Finding[] = [];
  if (nat && family !== AS_FAMILY[encap]) {
    const says = `${encap} needs an IPv${AS_FAMILY[encap]} VIP, ${vip.prefix} is IPv${family}`;
    found.push(
      finding('LB_CFG_NAT_FAMILY', ['encap'], says, `use nat${family}: addresses are not translated across families`),
    );
  }
  if (nat && vip.port === undefined) {
    const says = `${encap} needs a port: an all-port VIP cannot be translated`;
    found.push(finding('LB_CFG_NAT_PORT', ['encap'], says, 'add the port that clients use'));
  }
  if (encap === 'l3dsr' && family === 6) {
    const says = `l3dsr needs an IPv4 VIP, ${vip.prefix} is IPv6`;
    found.push(finding('LB_CFG_L3DSR_FAMILY', ['encap'], says, 'use gre4 or gre6'));
  }
  if (vip.dscp !== undefined && encap !== 'l3dsr') {
    found.push(finding('LB_CFG_DSCP_ENCAP', ['dscp'], `${vip.dscp} needs encap l3dsr, the encap is ${encap}`));
  }
  if (vip.targetPort !== undefined && !nat) {
    const says = `${vip.targetPort} needs encap nat4 or nat6, the encap is ${encap}`;
    found.push(finding('LB_CFG_TARGET_PORT_ENCAP', ['targetPort'], says, `${encap} leaves the port as it is`));
  }
  if (vip.nodePort !== undefined && !nat) {
    const says = `${vip.nodePort} needs encap nat4 or nat6, the encap is ${encap}`;
    found.push(finding('LB_CFG_NODE_PORT_ENCAP', ['nodePort'], says));
  }
  if (vip.type === 'nodeport' && vip.nodePort === undefined) {
    found.push(finding('LB_CFG_NODE_PORT_MISSING', ['type'], 'nodeport needs a node port, and the VIP has none'));
  }
  return found;
}

/** One AS against its VIP. `index` is its place in the list, for the path. */
export function checkAs(vip: VipConfig, as: AsConfig, index: number): Finding[] {
  const path = ['ass', index, 'address'];
  const wanted = AS_FAMILY[vip.encap];
  if (familyOf(as.address) !== wanted) {
    const says = `'${as.address}' must be an IPv${wanted} address: encap ${vip.encap} sends to IPv${wanted}`;
    return [finding('LB_CFG_AS_FAMILY', path, says)];
  }
  if (isVipItself(vip, as)) {
    const says = `'${as.address}' is the VIP itself: packets would come back to the balancer for ever`;
    return [finding('LB_CFG_AS_IS_VIP', path, says, "give the server's own address")];
  }
  return [];
}

function checkDrain({ state, drainUntil }: AsConfig, index: number): Finding[] {
  if (drainUntil === undefined || state === 'draining') return [];
  const says = `'${drainUntil}' needs state draining, the state is ${state}`;
  return [finding('LB_CFG_DRAIN_STATE', ['ass', index, 'drainUntil'], says)];
}

function isVipItself(vip: VipConfig, as: AsConfig): boolean {
  const prefix = parsePrefix(vip.prefix);
  const isHost = prefix.length === prefix.address.bytes.length * 8;
  return isHost && addressEquals(prefix.address, parseAddress(as.address));
}

function checkAsTwice(ass: readonly AsConfig[]): Finding[] {
  const firstAt = new Map<string, number>();
  const found: Finding[] = [];
  ass.forEach(({ address }, i) => {
    const first = firstAt.get(address);
    if (first === undefined) firstAt.set(address, i);
    else
      found.push(
        finding('LB_CFG_AS_EXISTS', ['ass', i, 'address'], `'${address}' is listed already, as ass[${first}]`),
      );
  });
  return found;
}
