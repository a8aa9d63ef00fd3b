import { parseAddress, parsePrefix } from '@lb/core';
import {
  asKey,
  Engine,
  type Image,
  ImageCompiler,
  type ImageSpec,
  MemoryQueue,
  TrafficGenerator,
  type TrafficTarget,
  VERDICT_NAMES,
  vipKey,
} from '@lb/dataplane';
import { resolveConfig } from '../resolve.js';
import type { VipConfig } from '../schema.js';
import { asId, vipKey as configKey, type VipRef } from '../vip-ref.js';
import type { FlowsOf, Planned } from './types.js';

/** What became of one packet. */
export interface Sent {
  /** Address of its AS; null when none got it. */
  readonly as: string | null;
  /** Whether its flow was in the flow table already. */
  readonly known: boolean;
  /** Consulted for a flow that was not known. */
  readonly bucket: number;
}

/** Fixed places in flow tables, the same flows every time: what is measured is the same on every run. */
const SECRET = [1, 2, 3, 4] as const;

/** A compiler and an engine, as a daemon has them: here is measured what plans say. */
export class Balancer {
  private readonly compiler = new ImageCompiler();
  private readonly queue: MemoryQueue;
  private spec!: ImageSpec;
  private image!: Image;
  private engine: Engine | undefined;
  private config!: Planned['config'];
  private revision = 0;

  /**
   * @param flows how many take part, a multiple of 256; flow k goes to target k mod their number
   * @param seed other seeds make other flows
   */
  constructor(
    planned: Planned,
    targets: readonly TrafficTarget[] = [target('90.0.0.0/8')],
    readonly flows = 4096,
    seed = 1,
  ) {
    this.queue = new MemoryQueue({ generator: new TrafficGenerator({ targets, flows, seed }), clock: () => 0 });
    this.apply(planned);
  }

  /** What a daemon does with a change: ASs that are cut lose their flows. */
  apply({ config, effective }: Planned): void {
    this.config = config;
    this.spec = resolveConfig(config, effective);
    const cut = config.vips.flatMap((vip, i) => {
      const addresses = vip.ass
        .map(({ address }) => address)
        .filter((address) => effective.get(asId(vip, address))!.cut);
      return addresses.map((address) => asKey(this.spec.vips[i]!, parseAddress(address)));
    });
    this.image = this.compiler.compile(this.spec, { revision: ++this.revision, flush: new Set(cut) });
    this.engine?.setImage(this.image);
  }

  /** The new-flow table of a VIP as workers have it: address of its AS per bucket, null for none. */
  table(vip: VipConfig): (string | null)[] {
    const names = this.names();
    const slot = this.compiler.vipSlots.get(vipKey(this.specOf(vip)!))!;
    return Array.from(this.image.table(slot), (as) => (as < 0 ? null : names.get(as)!));
  }

  /** One packet of every flow. */
  send(): Sent[] {
    this.engine ??= new Engine({ image: this.image, source: this.queue, flowTableLines: 8192, secret: SECRET });
    const names = this.names();
    const sent: Sent[] = [];
    const { burst } = this.engine;
    while (sent.length < this.flows) {
      const count = this.engine.poll(this.queue);
      for (let i = 0; i < count; i++) {
        const forwarded = VERDICT_NAMES[burst.verdict[i]!] === 'forward';
        const as = forwarded ? names.get(burst.as[i]!)! : null;
        sent.push({ as, known: forwarded && burst.tracking[i] === EXISTING, bucket: burst.bucket[i]! });
      }
    }
    return sent;
  }

  /** Live flows by AS, counted in the flow table; after {@link send}. */
  flowsOf(): FlowsOf {
    const counts = new Uint32Array(this.compiler.asSlots.size + 1);
    const { flows } = this.engine!;
    flows.sweep(0, flows.lines, 0, counts);
    return (vip, address) => {
      const spec = this.specOf(vip);
      const slot = spec && this.compiler.asSlots.get(asKey(spec, parseAddress(address)));
      return slot === undefined ? 0 : counts[slot + 1]!;
    };
  }

  private specOf(vip: VipRef): ImageSpec['vips'][number] | undefined {
    return this.spec.vips[this.config.vips.findIndex((other) => configKey(other) === configKey(vip))];
  }

  /** Address by AS slot. */
  private names(): Map<number, string> {
    const keys = [...this.compiler.asSlots.keys()];
    return new Map(keys.map((key) => [this.compiler.asSlots.get(key)!, key.split(' ')[3]!]));
  }
}

/** Tracking.EXISTING of the burst. */
const EXISTING = 1;

/** Traffic to a prefix, to all ports or to one. */
export function target(prefix: string, port = 0, protocol: 6 | 17 = 17): TrafficTarget {
  return { prefix: parsePrefix(prefix), protocol, port };
}
