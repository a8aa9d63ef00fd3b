import { formatAddress } from '@lb/core';
import type { AsSpec, ImageSpec } from '@lb/dataplane';
import { hex } from './bytes.js';
import { Services, serves, serviceName } from './services.js';

/** An AS of a service, by the name under which flows remember it. */
export interface Server {
  /** Another one once the flows were cut: they do not find the AS again. */
  readonly id: string;
  readonly service: string;
  /** Draining if it has left the configuration. */
  readonly as: AsSpec;
}

/** What a worker follows: services with their ASs, and those that left but may still have flows. */
export class Configuration {
  readonly servers = new Map<string, Server>();
  private readonly ids = new Map<AsSpec, string>();
  /** Where NAT's answers may come from: address, port and protocol. */
  private readonly natServers = new Set<string>();

  constructor(
    readonly services: Services,
    gone: ReadonlyMap<string, AsSpec>,
    idOf: (key: string) => string,
  ) {
    for (const { name, vip } of services.services) {
      const family = vip.encap === 'gre6' || vip.encap === 'nat6' ? 6 : 4;
      const prefix = `${name} `;
      const left = [...gone].filter(([key, { address }]) => key.startsWith(prefix) && address.family === family);
      for (const as of [...vip.ass, ...left.map(([, as]) => ({ ...as, draining: true }))]) {
        const id = idOf(`${name} ${formatAddress(as.address)}`);
        this.servers.set(id, { id, service: name, as });
        this.ids.set(as, id);
        if (!isNat(vip.encap)) continue;
        for (const protocol of [6, 17]) {
          if (serves(vip, protocol)) this.natServers.add(`${hex(as.address.bytes)} ${vip.targetPort} ${protocol}`);
        }
      }
    }
  }

  idOf(as: AsSpec): string {
    return this.ids.get(as)!;
  }

  /** Whether a packet comes from where a NAT service has its servers, those included that it had. */
  isNatServer({ src, sport, protocol }: { src: string; sport: number; protocol: number }): boolean {
    return this.natServers.has(`${src} ${sport} ${protocol}`);
  }
}

/** One configuration after the other. ASs that leave linger as long as they may have flows. */
export class Configurations {
  private spec: ImageSpec | undefined;
  /** By service and address. */
  private readonly gone = new Map<string, AsSpec>();
  /** How often the flows of an AS were cut. */
  private readonly cuts = new Map<string, number>();

  constructor(private readonly seed: readonly [number, number]) {}

  /** @param flush service and address of ASs whose flows are cut */
  next(spec: ImageSpec, flush: ReadonlySet<string>): Configuration {
    const assOf = ({ vips }: ImageSpec) =>
      vips.flatMap((vip) => vip.ass.map((as) => [`${serviceName(vip)} ${formatAddress(as.address)}`, as] as const));
    for (const [key, as] of this.spec === undefined ? [] : assOf(this.spec)) this.gone.set(key, as);
    for (const [key] of assOf(spec)) this.gone.delete(key);
    for (const key of flush) {
      this.gone.delete(key);
      this.cuts.set(key, (this.cuts.get(key) ?? 0) + 1);
    }
    this.spec = spec;
    return new Configuration(new Services(spec, this.seed), this.gone, (key) => this.idOf(key));
  }

  /** The name of an AS in flows, now. */
  idOf(key: string): string {
    return `${key} #${this.cuts.get(key) ?? 0}`;
  }

  /** Give up ASs that left and have no flow any more, from the next configuration on. */
  reclaim(used: ReadonlySet<string>): void {
    for (const key of this.gone.keys()) if (!used.has(this.idOf(key))) this.gone.delete(key);
  }
}

export function isNat(encap: string): boolean {
  return encap === 'nat4' || encap === 'nat6';
}
