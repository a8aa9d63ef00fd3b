import { parseAddress, parsePrefix, prefixContains } from '@lb/core';
import { below, type Finding, finding } from './finding.js';
import type { Config, VipConfig } from './schema.js';
import { checkTableSize } from './table-size.js';
import { familyOf } from './vip-ref.js';

/**
 * What is accepted but deserves a look, in document order. Wants the configuration with protocols that have no
 * effect still in it (see parseConfig).
 */
export function warnConfig(config: Config): Finding[] {
  return [
    ...warnGlobals(config),
    ...config.vips.flatMap((vip, i) => warningsOf(config, vip).map((w) => below(['vips', i], w))),
  ];
}

const UNSET_SOURCE = {
  ip4SrcAddress: '255.255.255.255',
  ip6SrcAddress: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
} as const;

function warnGlobals(config: Config): Finding[] {
  const found: Finding[] = [];
  for (const family of [4, 6] as const) {
    const field = `ip${family}SrcAddress` as const;
    if (config[field] === undefined) {
      const ofFamily = config.vips.filter((vip) => familyOf(vip.prefix) === family);
      if (config.vips.some((vip) => vip.encap === `gre${family}`)) {
        const says = `is not set: outer packets of gre${family} carry ${UNSET_SOURCE[field]}, as in VPP`;
        found.push(finding('LB_CFG_WARN_SRC_ADDRESS', [field], says, "set it to the balancer's own address"));
      }
      if (ofFamily.some((vip) => vip.nodePort !== undefined)) {
        const says = 'is not set: node ports are served on that address, and so on none';
        found.push(finding('LB_CFG_WARN_NODE_ADDRESS', [field], says, "set it to the balancer's own address"));
      }
    }
    const nat = `nat${family}` as const;
    if (config.natInterfaces[nat].length === 0 && config.vips.some((vip) => vip.encap === nat)) {
      const says = `names no interface: what servers answer is not translated back, and clients get no reply`;
      found.push(
        finding('LB_CFG_WARN_NAT_INTERFACE', ['natInterfaces', nat], says, 'name the interface towards the servers'),
      );
    }
  }
  return found;
}

/** By kind of table. VIPs are never written to, and of ten thousand an edit makes a few anew. */
const known = { maglev: new WeakMap<VipConfig, Finding[]>(), vpp: new WeakMap<VipConfig, Finding[]>() };

function warningsOf(config: Config, vip: VipConfig): Finding[] {
  const ofTable = known[config.table];
  const found = ofTable.get(vip) ?? warnVip(config, vip);
  ofTable.set(vip, found);
  return found;
}

function warnVip(config: Pick<Config, 'table'>, vip: VipConfig): Finding[] {
  const found: Finding[] = [];
  if (vip.protocol !== undefined && vip.port === undefined) {
    const says = `${vip.protocol} has no effect without a port: the VIP takes every protocol`;
    found.push(finding('LB_CFG_WARN_PROTOCOL', ['protocol'], says, 'add a port, or leave the protocol out'));
  }
  if (vip.encap === 'l3dsr' && vip.dscp === undefined) {
    const says = 'is not set: packets carry DSCP 0, which a server cannot tell from other traffic';
    found.push(
      finding('LB_CFG_WARN_DSCP', ['dscp'], says, 'give a dscp from 1 to 63 that the servers map to this VIP'),
    );
  }
  const inside = asInPrefix(vip);
  if (inside.length > 0) {
    const many = inside.length > 1 ? `, as ${inside.length} of the ASs do` : '';
    const address = vip.ass[inside[0]!]!.address;
    const says = `'${address}' lies inside the VIP ${vip.prefix}${many}: packets to it must not be routed back here`;
    found.push(finding('LB_CFG_WARN_AS_IN_VIP', ['ass', inside[0]!, 'address'], says));
  }
  return [...found, ...checkTableSize(config.table, vip)];
}

/** Places of the ASs that lie inside the VIP's prefix. */
function asInPrefix(vip: VipConfig): number[] {
  const prefix = parsePrefix(vip.prefix);
  return vip.ass.flatMap(({ address }, i) => (prefixContains(prefix, parseAddress(address)) ? [i] : []));
}
