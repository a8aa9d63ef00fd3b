import * as z from 'zod';
import { asSchema, type ConfigInput, configSchema, vipSchema } from '../../schema.js';

type VipInput = NonNullable<ConfigInput['vips']>[number];
type AsInput = NonNullable<VipInput['ass']>[number];
/** Changes of some keys: null removes a key, or brings its default back. Mappings inside are patched the same way. */
type PatchOf<T> = { readonly [K in keyof T]?: T[K] | null };

export type SettingsPatch = PatchOf<Omit<ConfigInput, 'vips'>>;
export type VipPatch = PatchOf<Omit<VipInput, 'prefix' | 'protocol' | 'port' | 'ass'>>;
export type AsPatch = PatchOf<Omit<AsInput, 'address'>>;

/** The schema of a patch (RFC 7396) of a mapping. `fixed` keys cannot be patched. */
function patchSchema<T>(schema: z.ZodObject, id: string, ...fixed: string[]): z.ZodType<T> {
  const fields = Object.entries(schema.shape).filter(([key]) => !fixed.includes(key));
  const patched = fields.map(([key, field]) => [
    key,
    bare(field as z.ZodType)
      .nullable()
      .exactOptional(),
  ]);
  return z.strictObject(Object.fromEntries(patched)).meta({ id }) as unknown as z.ZodType<T>;
}

/** A field without its default: what a patch leaves out stays as it is. */
function bare(field: z.ZodType): z.ZodType {
  const wrapped =
    field instanceof z.ZodDefault || field instanceof z.ZodPrefault || field instanceof z.ZodExactOptional;
  return wrapped ? bare(field.unwrap() as z.ZodType) : field;
}

export const settingsPatchSchema = patchSchema<SettingsPatch>(configSchema, 'SettingsPatch', 'vips');
export const vipPatchSchema = patchSchema<VipPatch>(vipSchema, 'VipPatch', 'prefix', 'protocol', 'port', 'ass');
export const asPatchSchema = patchSchema<AsPatch>(asSchema, 'AsPatch', 'address');
