import { parseBytes, parseStatus, type StatusRange } from '../check-texts.js';
import type { Check, Config, VipConfig } from '../schema.js';
import { asId, type VipRef, vipRefOf } from '../vip-ref.js';

/** What is asked, and where: all that a checker needs. */
export interface Probe {
  readonly type: Check['type'];
  /** Where to: the AS. */
  readonly address: string;
  /** 0 for ICMP. */
  readonly port: number;
  /** With `via: encap`: the way to the VIP's address at that AS. */
  readonly route: EncapRoute | undefined;
  /** Where from, if that is not left to the kernel. */
  readonly localAddress?: string;
  readonly localPort?: number;
  /** HTTP, HTTPS. */
  readonly path: string;
  /** HTTP, HTTPS: host header and TLS server name; undefined for the address. */
  readonly host: string | undefined;
  readonly status: readonly StatusRange[];
  readonly statusText: string;
  readonly tlsVerify: boolean;
  /** HTTPS: how long a connection may be asked over, in milliseconds; 0: every check makes its own. */
  readonly reuseMs: number;
  /** TCP, UDP. */
  readonly send: Buffer | undefined;
  readonly expect: Buffer | undefined;
}

/** How a packet to a VIP is brought to an AS. */
export interface EncapRoute {
  readonly encap: 'gre4' | 'gre6' | 'l3dsr';
  /** The VIP's address, or the first one of its prefix. */
  readonly destination: string;
  /** Outer source of GRE, if it is configured. */
  readonly source: string | undefined;
  readonly dscp: number;
}

/** One AS of one VIP that is checked. */
export interface CheckTarget {
  /** asId(vip, address). */
  readonly id: string;
  readonly vip: VipRef;
  readonly address: string;
  readonly probe: Probe;
  /** Equal texts for probes that ask the same. */
  readonly probeKey: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Share of the interval, 0 to 0.5. */
  readonly jitter: number;
  readonly rise: number;
  readonly fall: number;
}

/** HTTPS: as old a connection may become, and so as late a check may see that a server takes no new ones. */
const REUSE_MS = 10_000;

/** All ASs of VIPs with a check, in configuration order; whatever their weight and administrative state. */
export function targetsOf(config: Config): CheckTarget[] {
  return config.vips.flatMap((vip) => (vip.check === undefined ? [] : targetsOfVip(config, vip, vip.check)));
}

function targetsOfVip(config: Config, vipConfig: VipConfig, check: Check): CheckTarget[] {
  const { interval, timeout, jitter, rise, fall, ...asked } = check;
  const vip = vipRefOf(vipConfig);
  const port = check.type === 'icmp' ? 0 : (check.port ?? vipConfig.targetPort ?? vipConfig.port ?? 0);
  const statusText = check.status ?? '200-399';
  const common = {
    type: check.type,
    port,
    route: check.via === 'encap' ? routeOf(config, vipConfig) : undefined,
    path: check.path ?? '/',
    host: check.host,
    status: parseStatus(statusText),
    statusText,
    tlsVerify: check.tlsVerify ?? true,
    reuseMs: check.type === 'https' && check.via === 'direct' && interval * 1000 < REUSE_MS ? REUSE_MS : 0,
    send: check.send === undefined ? undefined : Buffer.from(parseBytes(check.send)),
    expect: check.expect === undefined ? undefined : Buffer.from(parseBytes(check.expect)),
  };
  const probeKey = JSON.stringify({ ...asked, port, route: common.route });
  return vipConfig.ass.map(({ address }) => ({
    id: asId(vip, address),
    vip,
    address,
    probe: { ...common, address },
    probeKey,
    intervalMs: interval * 1000,
    timeoutMs: timeout * 1000,
    jitter,
    rise,
    fall,
  }));
}

/** NAT has no way of its own: the configuration does not allow `via: encap` with it. */
function routeOf({ ip4SrcAddress, ip6SrcAddress }: Config, { encap, prefix, dscp }: VipConfig): EncapRoute | undefined {
  if (encap === 'nat4' || encap === 'nat6') return undefined;
  const source = encap === 'gre6' ? ip6SrcAddress : encap === 'gre4' ? ip4SrcAddress : undefined;
  return { encap, destination: prefix.split('/')[0]!, source, dscp: dscp ?? 0 };
}
