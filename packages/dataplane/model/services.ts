import { buildNewFlowTable, flowHash4, flowHash6, formatAddress, vppFlowHash4, vppFlowHash6 } from '@lb/core';
import type { AsSpec, ImageSpec, VipSpec } from '@lb/dataplane';
import { hex, unhex } from './bytes.js';

/** Who a packet is from and to, as far as it chooses a service. Addresses are hex text. */
export interface Flow {
  readonly family: 4 | 6;
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly sport: number;
  readonly dport: number;
}

/** A VIP with its ASs and new-flow table, and the names by which flows remember both. */
export interface Service {
  readonly name: string;
  readonly vip: VipSpec;
  readonly table: Int32Array;
}

export function serviceName({ prefix, protocol, port }: VipSpec): string {
  return `${formatAddress(prefix.address)}/${prefix.length} ${protocol} ${port}`;
}

/** Where the longest matching prefix leads: to a service, or to none with the reason. */
export type Match =
  | { readonly service: Service; readonly nodePort: boolean }
  | { readonly service?: undefined; readonly reason: 'no-vip' | 'other-port' };

/** A configuration as one can ask it. */
export class Services {
  readonly services: readonly Service[];
  private readonly node4: string | undefined;
  private readonly node6: string | undefined;

  constructor(
    readonly spec: ImageSpec,
    private readonly seed: readonly [number, number],
  ) {
    this.services = spec.vips.map((vip) => ({
      name: serviceName(vip),
      vip,
      table: buildNewFlowTable(spec.table, vip.ass, vip.newLen),
    }));
    this.node4 = spec.ip4Src && hex(spec.ip4Src.bytes);
    this.node6 = spec.ip6Src && hex(spec.ip6Src.bytes);
  }

  /** Prefixes that contain an address, the longest first; a node address with node ports is one of its own. */
  private longest(family: 4 | 6, dst: string): { vips: Service[]; node: Service[] } | undefined {
    const bytes = unhex(dst);
    let length = -1;
    let vips: Service[] = [];
    for (const service of this.services) {
      const { prefix } = service.vip;
      if (prefix.address.family !== family || prefix.length < length || !contains(prefix, bytes)) continue;
      if (prefix.length > length) vips = [];
      length = prefix.length;
      vips.push(service);
    }
    let node: Service[] = [];
    if (dst === (family === 4 ? this.node4 : this.node6)) {
      node = this.services.filter(({ vip }) => vip.nodePort !== 0 && vip.prefix.address.family === family);
      if (node.length > 0 && length < bytes.length * 8) vips = [];
    }
    return vips.length + node.length > 0 ? { vips, node } : undefined;
  }

  /** The service of a packet: longest prefix, then protocol and port. `ports` false: it has none to go by. */
  match({ family, dst, protocol, dport }: Flow, ports: boolean): Match {
    const found = this.longest(family, dst);
    if (found === undefined) return { reason: 'no-vip' };
    const { vips, node } = found;
    if (ports) {
      const byNode = node.find(({ vip }) => vip.nodePort === dport && serves(vip, protocol));
      const byPort = vips.find(({ vip }) => vip.port === dport && serves(vip, protocol));
      if (byPort) return { service: byPort, nodePort: false };
      if (byNode) return { service: byNode, nodePort: true };
    }
    const all = vips.find(({ vip }) => vip.port === 0);
    if (all) return { service: all, nodePort: false };
    // What else comes to the node address is the host's.
    return { reason: vips.length > 0 ? 'other-port' : 'no-vip' };
  }

  /** Whether an address is in a VIP, and is not the node's. */
  isVip(family: 4 | 6, dst: string): boolean {
    const found = this.longest(family, dst);
    return found !== undefined && found.vips.length > 0;
  }

  /** Whether a later fragment must know the ports of its first. `natIn`: it may be an answer of a NAT server. */
  needsPorts(family: 4 | 6, dst: string, natIn: boolean): boolean {
    const found = this.longest(family, dst);
    if (found === undefined) return natIn;
    const all = found.vips.find(({ vip }) => vip.port === 0);
    return all === undefined || !all.vip.srcIpSticky;
  }

  /** The AS of a new flow: that of its bucket; undefined if none takes new flows. */
  newFlow(service: Service, flow: Flow): AsSpec | undefined {
    const { table, vip } = service;
    return vip.ass[table[this.hash(vip, flow) & (table.length - 1)]];
  }

  private hash(vip: VipSpec, flow: Flow): number {
    const ports = vip.srcIpSticky ? 0 : rawPorts(flow.sport, flow.dport);
    const s = rawWords(flow.src);
    const d = rawWords(flow.dst);
    if (this.spec.flowHash === 'vpp') {
      return flow.family === 4
        ? vppFlowHash4(s[0], d[0], ports)
        : vppFlowHash6(s[0], s[1], s[2], s[3], d[0], d[1], d[2], d[3], ports);
    }
    return this.identity(vip, flow)[1];
  }

  /** The 64-bit identity of a flow. */
  identity(vip: VipSpec, flow: Flow): readonly [number, number] {
    return identify(this.seed, telling(vip, flow));
  }
}

/** 64 bits for some addresses, ports and protocol. @param kind keeps numbers of one kind apart from those of others */
export function identify(seed: readonly [number, number], flow: Flow, kind = 0): readonly [number, number] {
  const ports = rawPorts(flow.sport, flow.dport);
  const protocol = flow.protocol | kind;
  const s = rawWords(flow.src);
  const d = rawWords(flow.dst);
  const out = new Int32Array(2);
  if (flow.family === 4) flowHash4(seed[0], seed[1], s[0], d[0], ports, protocol, out, 0, 1);
  else flowHash6(seed[0], seed[1], Int32Array.of(...s, ...d), 0, 4, ports, protocol, out, 0, 1);
  return [out[0], out[1]];
}

/** What of a flow tells it from others: without ports where the VIP has one AS for each client, but for the VIP's own. */
export function telling(vip: VipSpec, flow: Flow): Flow {
  if (!vip.srcIpSticky) return flow;
  const dport = vip.port === 0 ? 0 : flow.dport;
  return { ...flow, sport: 0, dport, protocol: vip.port === 0 || vip.protocol === 0 ? 0 : flow.protocol };
}

/** Whether a prefix holds an address. */
export function contains(prefix: VipSpec['prefix'], bytes: Uint8Array): boolean {
  for (let bit = 0; bit < prefix.length; bit++) {
    const at = bit >> 3;
    const mask = 128 >> (bit & 7);
    if ((bytes[at] & mask) !== (prefix.address.bytes[at] & mask)) return false;
  }
  return true;
}

export function serves(vip: VipSpec, protocol: number): boolean {
  return vip.protocol === 0 ? protocol === 6 || protocol === 17 : vip.protocol === protocol;
}

/** Address bytes as the words that a little-endian host reads, which is how the flow hashes are defined. */
function rawWords(address: string): number[] {
  const bytes = unhex(address);
  const words: number[] = [];
  for (let i = 0; i < bytes.length; i += 4) {
    words.push(bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24));
  }
  return words;
}

function rawPorts(sport: number, dport: number): number {
  const swap = (port: number): number => (port >> 8) | ((port & 255) << 8);
  return swap(sport) | (swap(dport) << 16);
}
