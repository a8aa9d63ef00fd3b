import { formatAddress, formatPrefix, type Prefix } from '@lb/core';

/** The smallest MTU that IPv6 works on (RFC 8200 §5). */
const IP6_MIN_MTU = 1280;

/** A file below /proc/sys/net and what is to stand in it. */
export interface Setting {
  readonly path: string;
  readonly value: number;
}

/**
 * Settings of the TAP, made before it is switched on. Clients' packets come in by the TAP though the way back is
 * another interface: with `rp_filter` 2 that is no reason to drop them, whatever the setting for all interfaces is. IPv6: no
 * link-local address and no router solicitation on it.
 */
export function tapSettings(tap: string, vips: readonly Prefix[]): Setting[] {
  const ip6 = vips.some(({ address }) => address.family === 6);
  return [
    { path: `ipv4/conf/${tap}/rp_filter`, value: 2 },
    ...(ip6
      ? [
          { path: `ipv6/conf/${tap}/addr_gen_mode`, value: 1 },
          { path: `ipv6/conf/${tap}/accept_ra`, value: 0 },
          { path: `ipv6/conf/${tap}/disable_ipv6`, value: 0 },
        ]
      : []),
  ];
}

/**
 * Lines for `ip -batch` that switch the TAP on and make the VIPs the host's. All of it goes with the TAP.
 *
 * A host prefix becomes an address, so that programs can bind to it: of host scope, or with no preferred lifetime, so that none
 * is picked as source of the host's own connections. A shorter one becomes a local route: programs that listen on the
 * wildcard address serve every address in it.
 */
export function tapLines(tap: string, mtu: number, vips: readonly Prefix[]): string[] {
  return [
    `link set dev ${tap} mtu ${Math.max(mtu, IP6_MIN_MTU)} arp off up`,
    ...vips.map((vip) => {
      const { address, length } = vip;
      if (length < address.bytes.length * 8) return `route add local ${formatPrefix(vip)} dev ${tap} table local`;
      if (address.family === 4) return `address add ${formatAddress(address)}/32 dev ${tap} scope host`;
      return `address add ${formatAddress(address)}/128 dev ${tap} nodad preferred_lft 0`;
    }),
  ];
}
