import { type Finding, finding } from './finding.js';
import type { Protocol, VipConfig } from './schema.js';
import { describeVip, familyOf, protocolsMeet, type VipRef, vipKey } from './vip-ref.js';

/** The VIPs of a configuration by name, prefix and node port: what the rules between VIPs need. Keeps their order. */
export class VipIndex {
  private readonly byKey = new Map<string, VipConfig>();
  private readonly byPrefix = new Map<string, Map<string, VipConfig>>();
  private readonly byNodePort = new Map<string, Map<string, VipConfig>>();

  constructor(vips: Iterable<VipConfig> = []) {
    for (const vip of vips) this.set(vip);
  }

  get(ref: VipRef): VipConfig | undefined {
    return this.byKey.get(vipKey(ref));
  }

  /** Adds the VIP, or puts it in the place of the one with the same name. */
  set(vip: VipConfig): void {
    const key = vipKey(vip);
    const before = this.byKey.get(key);
    if (before !== undefined && before.nodePort !== vip.nodePort) this.byNodePort.get(nodePortKey(before))?.delete(key);
    this.byKey.set(key, vip);
    groupOf(this.byPrefix, vip.prefix).set(key, vip);
    if (vip.nodePort !== undefined) groupOf(this.byNodePort, nodePortKey(vip)).set(key, vip);
  }

  delete(vip: VipConfig): void {
    const key = vipKey(vip);
    this.byKey.delete(key);
    this.byPrefix.get(vip.prefix)?.delete(key);
    this.byNodePort.get(nodePortKey(vip))?.delete(key);
  }

  /** All VIPs in the order in which they were added. */
  values(): VipConfig[] {
    return [...this.byKey.values()];
  }

  ofPrefix(prefix: string): VipConfig[] {
    return [...(this.byPrefix.get(prefix)?.values() ?? [])];
  }

  /** What keeps a VIP from standing beside those of the index; paths are relative to the VIP. */
  checkAgainst(vip: VipConfig): Finding[] {
    if (this.get(vip) !== undefined) {
      return [finding('LB_CFG_VIP_EXISTS', ['prefix'], `${describeVip(vip)} exists already`)];
    }
    return [...this.checkPorts(vip), ...this.checkNodePort(vip)];
  }

  /** A VIP that takes traffic to this prefix and port already, if only of one of the two protocols. */
  serving({ prefix, protocol, port }: VipRef): VipConfig | undefined {
    const allPort = this.byKey.get(prefix);
    if (allPort !== undefined || port === undefined) return allPort;
    const rivals = [undefined, 'tcp', 'udp'] as const;
    const keys = rivals.filter((rival) => protocolsMeet(rival, protocol)).map((rival) => vipKeyOf(prefix, port, rival));
    return keys.map((key) => this.byKey.get(key)).find((vip) => vip !== undefined);
  }

  private checkPorts(vip: VipConfig): Finding[] {
    const hint = 'a prefix has either one all-port VIP or VIPs with ports';
    if (vip.port === undefined) {
      const [other] = this.byPrefix.get(vip.prefix)?.values() ?? [];
      if (other === undefined) return [];
      const says = `${vip.prefix} without a port cannot stand beside VIP ${describeVip(other)}`;
      return [finding('LB_CFG_ALL_PORT_MIX', ['prefix'], says, hint)];
    }
    const other = this.serving(vip);
    if (other === undefined) return [];
    if (other.port === undefined) {
      const says = `${vip.port} cannot stand beside the all-port VIP ${other.prefix}`;
      return [finding('LB_CFG_ALL_PORT_MIX', ['port'], says, hint)];
    }
    const says = `${vip.port} is served already by VIP ${describeVip(other)}`;
    const remedy = 'a port without protocol is for both TCP and UDP: name tcp or udp on each';
    return [finding('LB_CFG_PORT_OVERLAP', ['port'], says, remedy)];
  }

  /** Whether its node port leads to another VIP already. */
  checkNodePort(vip: VipConfig): Finding[] {
    if (vip.nodePort === undefined) return [];
    for (const other of this.byNodePort.get(nodePortKey(vip))?.values() ?? []) {
      if (vipKey(other) !== vipKey(vip) && protocolsMeet(other.protocol, vip.protocol)) {
        return [
          finding('LB_CFG_NODE_PORT_CLASH', ['nodePort'], `${vip.nodePort} leads already to VIP ${describeVip(other)}`),
        ];
      }
    }
    return [];
  }
}

function vipKeyOf(prefix: string, port: number, protocol: Protocol | undefined): string {
  return vipKey(protocol === undefined ? { prefix, port } : { prefix, port, protocol });
}

/** Node ports of the two families are on different addresses. */
function nodePortKey({ prefix, nodePort }: VipConfig): string {
  return `${familyOf(prefix)} ${nodePort}`;
}

function groupOf(groups: Map<string, Map<string, VipConfig>>, name: string): Map<string, VipConfig> {
  const group = groups.get(name) ?? new Map<string, VipConfig>();
  groups.set(name, group);
  return group;
}
