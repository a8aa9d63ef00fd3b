import { type Address, formatAddress, formatPrefix, type Prefix, prefixContains, prefixMask } from '@lb/core';
import type { BackendSpec } from './backend-spec.js';

/** Name of the backend's tables: one of family `inet`, one of family `arp`. */
export const NFT_TABLE = 'lb_backend';

/** What a later run must know of this one; it stands in the table's comment, and so in the network namespace it is about. */
export interface SetupNote {
  /** The TAP of the run: it lives exactly as long as the run. */
  readonly tap: string;
  /** `net.ipv4.conf.all.arp_announce` as it was before. */
  readonly arpAnnounce: number | undefined;
}

/**
 * The rules that keep the kernel out of balanced traffic, as a script for `nft -f` that replaces whatever rules of ours
 * there are in one step:
 *
 * - GRE with a VIP inside, to an address of ours: dropped, for the kernel would answer "protocol unreachable".
 * - L3DSR packets, which the kernel would take for its own traffic: dropped, for it would answer TCP with a reset.
 * - ARP requests for a VIP: not answered. The balancer, or the router in front of it, owns the VIP on the wire.
 * - Largest segment size in answers from a VIP, if asked for.
 *
 * Packet sockets and XDP see packets before these rules do. What comes from the TAP is another interface's.
 */
export function nftRules(spec: BackendSpec, local: readonly Address[], note: SetupNote): string {
  return [
    removal(),
    `table inet ${NFT_TABLE} {`,
    `  comment "${noteText(note)}"`,
    addressSet('local4', 4, local),
    addressSet('local6', 6, local),
    '  chain gre {',
    ...sourceLines(spec.from, 4),
    ...sourceLines(spec.from, 6),
    ...spec.vips.map((vip) => `    ${innerMatch(vip)} counter drop`),
    '  }',
    '  chain prerouting {',
    '    type filter hook prerouting priority raw; policy accept;',
    `    iifname != { ${spec.interfaces.map(({ name }) => `"${name}"`).join(', ')} } accept`,
    '    ip daddr @local4 meta l4proto gre goto gre',
    '    ip6 daddr @local6 meta l4proto gre goto gre',
    ...dscpLines(spec),
    '  }',
    ...segmentSize(spec),
    '}',
    ...arpTable(elementsOf(spec.vips, 4)),
    '',
  ].join('\n');
}

/** The script that takes a new list of own addresses. */
export function nftLocal(local: readonly Address[]): string {
  const lines = ([4, 6] as const).flatMap((family) => {
    const set = `inet ${NFT_TABLE} local${family}`;
    const elements = ofFamily(local, family);
    return [`flush set ${set}`, ...(elements === '' ? [] : [`add element ${set} { ${elements} }`])];
  });
  return `${lines.join('\n')}\n`;
}

/** The script that removes the tables, whether they are there or not. */
export function removal(): string {
  return ['inet', 'arp']
    .map((family) => `table ${family} ${NFT_TABLE}\ndelete table ${family} ${NFT_TABLE}`)
    .join('\n');
}

/** Reads the note in a listing of our `inet` table; undefined if there is none. */
export function readNote(listing: string): SetupNote | undefined {
  const [, tap, announce] = /comment "lb backend: tap (\S+), arp_announce (\d+|-)"/.exec(listing) ?? [];
  if (tap === undefined || announce === undefined) return undefined;
  return { tap, arpAnnounce: announce === '-' ? undefined : Number(announce) };
}

function noteText({ tap, arpAnnounce }: SetupNote): string {
  return `lb backend: tap ${tap}, arp_announce ${arpAnnounce ?? '-'}`;
}

function addressSet(name: string, family: 4 | 6, local: readonly Address[]): string {
  const elements = ofFamily(local, family);
  const type = family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  return `  set ${name} { type ${type}; ${elements === '' ? '' : `elements = { ${elements} }; `}}`;
}

function ofFamily(local: readonly Address[], family: 4 | 6): string {
  return local
    .filter((address) => address.family === family)
    .map(formatAddress)
    .join(', ');
}

function sourceLines(from: readonly Prefix[], family: 4 | 6): string[] {
  if (from.length === 0) return [];
  const allowed = elementsOf(from, family);
  if (allowed === '') return [`    meta nfproto ipv${family} accept`];
  return [`    ${family === 4 ? 'ip' : 'ip6'} saddr != { ${allowed} } accept`];
}

/** Plain GRE is four bytes; behind it the destination stands at byte 16 of an IPv4 header, 24 of an IPv6 header. */
function innerMatch({ address, length }: Prefix): string {
  const { family, bytes } = address;
  const [header, at] = family === 4 ? ['0x00000800', 160] : ['0x000086dd', 224];
  const bits = bytes.length * 8;
  const mask = length === bits ? '' : `& ${hex(prefixMask(family, length))} `;
  return `@th,0,32 ${header} @th,${at},${bits} ${mask}== ${hex(bytes)}`;
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

function dscpLines({ dscp }: BackendSpec): string[] {
  if (dscp.length === 0) return [];
  return [`    ip daddr @local4 ip dscp { ${dscp.map((entry) => entry.dscp).join(', ')} } counter drop`];
}

/** IPv6 headers are 20 bytes longer, so that the same packet size allows for 20 bytes less. */
function segmentSize({ mss, vips }: BackendSpec): string[] {
  if (mss === undefined) return [];
  const lines = ([4, 6] as const).flatMap((family) => {
    const own = elementsOf(vips, family);
    if (own === '') return [];
    const size = family === 4 ? mss : mss - 20;
    return [
      `    ${family === 4 ? 'ip' : 'ip6'} saddr { ${own} } tcp flags & syn == syn tcp option maxseg size set ${size}`,
    ];
  });
  return ['  chain output {', '    type filter hook output priority mangle; policy accept;', ...lines, '  }'];
}

function arpTable(vips: string): string[] {
  if (vips === '') return [];
  return [
    `table arp ${NFT_TABLE} {`,
    '  chain input {',
    '    type filter hook input priority filter; policy accept;',
    `    arp daddr ip { ${vips} } counter drop`,
    '  }',
    '}',
  ];
}

/** The prefixes of a family as elements of a set, without those inside others: a set takes no overlaps. */
function elementsOf(prefixes: readonly Prefix[], family: 4 | 6): string {
  const inside = (inner: Prefix, outer: Prefix): boolean =>
    inner.length > outer.length && prefixContains(outer, inner.address);
  return prefixes
    .filter((prefix) => prefix.address.family === family && !prefixes.some((outer) => inside(prefix, outer)))
    .map(formatPrefix)
    .join(', ');
}
