import { type Address, formatAddress, formatPrefix } from '@lb/core';
import type { FilterEntries, FilterEntry } from '@lb/dataplane';

/** Flags of a prefix entry, as the filter has them. */
const PORTS_ONLY = 1;
const KERNEL = 2;
const PROTOCOLS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp' };
/** Set of the names of the interfaces whose packets the rules are about. */
const GUARD_INTERFACES = 'interfaces';
const FAMILIES = [4, 6] as const;
type Family = (typeof FAMILIES)[number];

/** What the workers take from one interface. */
export interface GuardedInterface {
  readonly name: string;
  readonly entries: FilterEntries;
}

/**
 * The commands, one a line, that make a table of rules which keep the kernel from handling a second time what the
 * workers take from packet sockets: those see packets before the rules do. The table belongs to the nft process that
 * makes it, and goes with it.
 */
export function guardTable(table: string, interfaces: readonly string[]): string {
  const set = (name: string, type: string, flags = '') => `add set inet ${table} ${name} { type ${type}; ${flags}}`;
  const rule = (text: string) => `add rule inet ${table} prerouting ${text}`;
  return [
    `add table inet ${table} { flags owner; }`,
    `add chain inet ${table} prerouting { type filter hook prerouting priority raw; policy accept; }`,
    set(GUARD_INTERFACES, 'ifname'),
    `add element inet ${table} ${GUARD_INTERFACES} { ${interfaces.map(quoted).join(', ')} }`,
    set('ports', 'inet_proto . inet_service'),
    ...FAMILIES.flatMap((family) => {
      const type = `ipv${family}_addr`;
      return [
        set(`node${family}`, `${type} . inet_proto . inet_service`),
        set(`host${family}`, type),
        set(`some${family}`, type, 'flags interval; auto-merge; '),
        set(`all${family}`, type, 'flags interval; auto-merge; '),
        set(`answers${family}`, `ifname . ${type} . inet_proto . inet_service`),
      ];
    }),
    rule(`iifname != @${GUARD_INTERFACES} accept`),
    ...FAMILIES.flatMap((family) => {
      const ip = family === 4 ? 'ip' : 'ip6';
      return [
        rule(`${ip} daddr . meta l4proto . th dport @node${family} drop`),
        rule(`${ip} daddr @host${family} accept`),
        rule(`${ip} daddr @all${family} drop`),
        rule(`${ip} daddr @some${family} meta l4proto . th dport @ports drop`),
        rule(`${ip} daddr @some${family} meta l4proto { icmp, ipv6-icmp } drop`),
        rule(`iifname . ${ip} saddr . meta l4proto . th sport @answers${family} drop`),
      ];
    }),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** One line that fills the sets anew, in one step. */
export function guardContents(table: string, interfaces: readonly GuardedInterface[]): string {
  const entries = interfaces[0]?.entries;
  if (entries === undefined) return '\n';
  const { prefixes, prefixPorts, nodePorts } = entries;
  const sets: [string, readonly string[]][] = [
    // They may have been renamed.
    [GUARD_INTERFACES, interfaces.map(({ name }) => quoted(name))],
    ['ports', prefixPorts.map(endpoint)],
  ];
  for (const family of FAMILIES) {
    const ofFamily = prefixes.filter(({ address }) => address?.family === family);
    const withFlag = (wanted: number) => ofFamily.filter(({ flags = 0 }) => flags === wanted).map(prefixText);
    sets.push(
      [`node${family}`, nodePorts.filter(isOf(family)).map(socketText)],
      [`host${family}`, ofFamily.filter(({ flags = 0 }) => flags === KERNEL).map(({ address }) => text(address!))],
      [`some${family}`, withFlag(PORTS_ONLY)],
      [`all${family}`, withFlag(0)],
      [
        `answers${family}`,
        interfaces.flatMap(({ name, entries: { natSources } }) =>
          natSources.filter(isOf(family)).map((entry) => `${quoted(name)} . ${socketText(entry)}`),
        ),
      ],
    );
  }
  const commands = sets.flatMap(([name, elements]) => [
    `flush set inet ${table} ${name}`,
    ...(elements.length === 0 ? [] : [`add element inet ${table} ${name} { ${[...new Set(elements)].join(', ')} }`]),
  ]);
  return `${commands.join('; ')}\n`;
}

function quoted(name: string): string {
  return `"${name}"`;
}

function isOf(family: Family): (entry: FilterEntry) => boolean {
  return ({ address }) => address?.family === family;
}

function endpoint({ protocol = 0, port = 0 }: FilterEntry): string {
  return `${PROTOCOLS[protocol] ?? protocol} . ${port}`;
}

function socketText(entry: FilterEntry): string {
  return `${text(entry.address!)} . ${endpoint(entry)}`;
}

function prefixText({ address, prefixLength = 0 }: FilterEntry): string {
  return formatPrefix({ address: address!, length: prefixLength });
}

function text(address: Address): string {
  return formatAddress(address);
}
