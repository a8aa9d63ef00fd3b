import { type Address, formatAddress, formatPrefix, type Prefix } from '@lb/core';
import type { Image } from '../image/image.js';
import { N } from '../image/layout.js';
import type { ImageSpec, VipSpec } from '../image/spec.js';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../pipeline/protocols.js';

/** Flags of a prefix entry. */
export const PREFIX_PORTS_ONLY = 1;
export const PREFIX_KERNEL = 2;

/** An entry of the XDP filter (struct lbq_filter_entry); which fields a kind uses is said in native/README.md. */
export interface FilterEntry {
  readonly address?: Address;
  readonly prefixLength?: number;
  readonly protocol?: number;
  readonly port?: number;
  /** Ties a prefix to its ports. */
  readonly group?: number;
  readonly flags?: number;
}

/** What the filter is to hold, by kind. */
export interface FilterEntries {
  readonly prefixes: readonly FilterEntry[];
  readonly prefixPorts: readonly FilterEntry[];
  readonly nodePorts: readonly FilterEntry[];
  readonly natSources: readonly FilterEntry[];
  readonly natAddresses: readonly FilterEntry[];
}

/** An address and port that answer for a NAT VIP. */
export interface NatServer {
  readonly address: Address;
  readonly protocol: number;
  readonly port: number;
}

export interface EntriesOptions {
  /** Number of the queue that the filter feeds; decides whether NAT return traffic arrives there. Absent: as for all. */
  readonly input?: number;
  /** Servers of NAT VIPs; by default those of the specification. {@link natServersOf} an image has the lingering ones too. */
  readonly natServers?: readonly NatServer[];
}

/**
 * The filter entries that a specification wants: its VIPs, node ports and NAT servers to the worker, the host's own
 * addresses to the kernel. An address of the host that is a VIP itself (on `lo`, say) is the worker's: the VIP is the
 * more particular wish, and its other ports stay with the kernel if it is a per-port one.
 */
export function entriesFor(
  spec: ImageSpec,
  hostAddresses: readonly Address[],
  { input, natServers = natServersOfSpec(spec) }: EntriesOptions = {},
): FilterEntries {
  const groups = groupByPrefix(spec.vips);
  const returns = natServers.filter(({ address }) => returnsArrive(spec, address, input));
  return {
    prefixes: [
      ...[...groups.values()].map(({ prefix, perPort, group }) => ({
        ...fieldsOf(prefix),
        ...(perPort && { flags: PREFIX_PORTS_ONLY, group }),
      })),
      ...exemptions(hostAddresses, groups),
    ],
    prefixPorts: [...groups.values()]
      .filter(({ perPort }) => perPort)
      .flatMap(({ vips, group }) => vips.flatMap((vip) => endpoints(vip, vip.port)).map((end) => ({ ...end, group }))),
    nodePorts: spec.vips.flatMap((vip) => nodePorts(spec, vip)),
    natSources: returns,
    natAddresses: uniqueAddresses(returns.map(({ address }) => address)).map((address) => ({ address })),
  };
}

interface Group {
  readonly prefix: Prefix;
  readonly vips: VipSpec[];
  perPort: boolean;
  readonly group: number;
}

function groupByPrefix(vips: readonly VipSpec[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const vip of vips) {
    const key = formatPrefix(vip.prefix);
    const known = groups.get(key);
    const group = known ?? { prefix: vip.prefix, vips: [], perPort: true, group: groups.size + 1 };
    group.vips.push(vip);
    if (vip.port === 0) group.perPort = false;
    groups.set(key, group);
  }
  return groups;
}

function fieldsOf(prefix: Prefix): FilterEntry {
  return { address: prefix.address, prefixLength: prefix.length };
}

function exemptions(hostAddresses: readonly Address[], groups: Map<string, Group>): FilterEntry[] {
  return uniqueAddresses(hostAddresses)
    .map((address) => ({ address, length: address.bytes.length * 8 }))
    .filter((prefix) => !groups.has(formatPrefix(prefix)))
    .map((prefix) => ({ ...fieldsOf(prefix), flags: PREFIX_KERNEL }));
}

function uniqueAddresses(addresses: readonly Address[]): Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()];
}

/** One entry for each protocol that a VIP serves. */
function endpoints(vip: VipSpec, port: number): { protocol: number; port: number }[] {
  const protocols = vip.protocol === 0 ? [PROTOCOL_TCP, PROTOCOL_UDP] : [vip.protocol];
  return protocols.map((protocol) => ({ protocol, port }));
}

function nodePorts(spec: ImageSpec, vip: VipSpec): FilterEntry[] {
  const address = vip.prefix.address.family === 4 ? spec.ip4Src : spec.ip6Src;
  if (vip.nodePort === 0 || address === undefined) return [];
  return endpoints(vip, vip.nodePort).map((end) => ({ ...end, address }));
}

function returnsArrive(spec: ImageSpec, { family }: Address, input: number | undefined): boolean {
  const arrive = family === 4 ? spec.nat4In : spec.nat6In;
  const queues = family === 4 ? spec.nat4InQueues : spec.nat6InQueues;
  return arrive && (input === undefined || queues === undefined || queues.includes(input));
}

function natServersOfSpec(spec: ImageSpec): NatServer[] {
  return spec.vips
    .filter(({ encap }) => encap === 'nat4' || encap === 'nat6')
    .flatMap((vip) =>
      vip.ass.flatMap(({ address }) => endpoints(vip, vip.targetPort).map((end) => ({ ...end, address }))),
    );
}

/** All that may answer for a NAT VIP of an image, ASs that left the configuration but have flows included. */
export function natServersOf({ unsigned, nat, natMask }: Image): NatServer[] {
  const servers: NatServer[] = [];
  for (let at = nat; at <= nat + natMask * N.WORDS; at += N.WORDS) {
    const tail = unsigned[at + N.TAIL];
    if (tail === 0) continue;
    const family = tail >>> 24 === 4 ? 4 : 6;
    // The words are network bytes as a little-endian host reads them; the port likewise.
    const from = at + N.ADDRESS;
    const words = Uint32Array.from(unsigned.subarray(from, from + (family === 4 ? 1 : 4)));
    const port = ((tail & 0xff) << 8) | ((tail >>> 8) & 0xff);
    servers.push({
      address: { family, bytes: new Uint8Array(words.buffer) },
      protocol: (tail >>> 16) & 0xff,
      port,
    });
  }
  return servers;
}
