import { type AsConfig, type Config, type EffectiveAs, resolveConfig, type VipConfig } from '@lb/control';
import { formatAddress } from '@lb/core';
import { asKey, type CompileOptions, type Image, ImageCompiler, type ImageSpec, vipKey } from '@lb/dataplane';

/** A VIP of the configuration and where the image keeps it. */
export interface PlacedVip {
  readonly config: VipConfig;
  readonly slot: number;
  /** Without those that are cut (disabled, or past the deadline of their drain). */
  readonly ass: readonly PlacedAs[];
}

export interface PlacedAs {
  readonly config: AsConfig;
  readonly slot: number;
  /** Buckets of the VIP's new-flow table. */
  readonly buckets: number;
}

/** A configuration, its image, and who is where in it, in configuration order. */
export interface Compiled {
  readonly config: Config;
  readonly image: Image;
  readonly vips: readonly PlacedVip[];
}

/** What a configuration is compiled with. */
export interface CompileConfigOptions extends CompileOptions {
  /** Weights of the moment, by asId; by default those that ramps and deadlines lead to. */
  readonly effective?: ReadonlyMap<string, EffectiveAs>;
}

/** Compiles a configuration with slots of its own: for engines that follow one image all their life. */
export function compileConfig(config: Config, { effective, ...options }: CompileConfigOptions = {}): Compiled {
  const spec = resolveConfig(config, effective);
  const compiler = new ImageCompiler();
  const image = compiler.compile(spec, options);
  return { config, image, vips: placeVips(config, spec, compiler, image) };
}

/** Who is where in an image that `compiler` has made of `spec`, which is the binary form of `config`. */
export function placeVips(config: Config, spec: ImageSpec, compiler: ImageCompiler, image: Image): PlacedVip[] {
  return spec.vips.map((vip, v): PlacedVip => {
    const slot = compiler.vipSlots.get(vipKey(vip))!;
    const buckets = countBuckets(image.table(slot));
    const configs = new Map(config.vips[v]!.ass.map((as) => [as.address, as]));
    const ass = vip.ass.map((as): PlacedAs => {
      const asSlot = compiler.asSlots.get(asKey(vip, as.address))!;
      return { config: configs.get(formatAddress(as.address))!, slot: asSlot, buckets: buckets.get(asSlot) ?? 0 };
    });
    return { config: config.vips[v]!, slot, ass };
  });
}

function countBuckets(table: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const slot of table) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  return counts;
}
