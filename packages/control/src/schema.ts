import * as z from 'zod';
import { acceptsNumber, type ChoiceField, FIELDS, type NumberField, type TextField } from './fields.js';

/*
 * The whole configuration in its native form. Types, YAML and API validation derive from here; what a field accepts
 * comes from FIELDS, rules between fields are in rules-*.ts.
 */

function number(field: NumberField) {
  const range = z.int().min(field.min).max(field.max);
  return field.powerOfTwo ? range.refine((value) => acceptsNumber(field, value), { abort: true }) : range;
}

function choice<T extends string>(field: ChoiceField<T>) {
  return z.enum(field.choices as readonly T[]);
}

/** Text that the model keeps in canonical form. */
function text(field: TextField) {
  return z
    .string()
    .refine((value) => canonicalOrUndefined(field, value) !== undefined, { abort: true })
    .overwrite((value) => canonicalOrUndefined(field, value) ?? value);
}

function canonicalOrUndefined(field: TextField, value: string): string | undefined {
  try {
    return field.canonical(value);
  } catch {
    return undefined;
  }
}

export const asSchema = z.strictObject({
  address: text(FIELDS.address),
  weight: number(FIELDS.weight).default(100),
});

export const vipSchema = z.strictObject({
  prefix: text(FIELDS.prefix),
  protocol: choice(FIELDS.protocol).exactOptional(),
  port: number(FIELDS.port).exactOptional(),
  targetPort: number(FIELDS.targetPort).exactOptional(),
  nodePort: number(FIELDS.nodePort).exactOptional(),
  encap: choice(FIELDS.encap).default('gre4'),
  dscp: number(FIELDS.dscp).exactOptional(),
  type: choice(FIELDS.type).default('clusterip'),
  newLen: number(FIELDS.newLen).default(1024),
  srcIpSticky: z.boolean().default(false),
  mssClamp: number(FIELDS.mssClamp).exactOptional(),
  ass: z.array(asSchema).default([]),
});

export const natInterfacesSchema = z.strictObject({
  nat4: z.array(text(FIELDS.interface)).default([]),
  nat6: z.array(text(FIELDS.interface)).default([]),
});

export const configSchema = z.strictObject({
  ip4SrcAddress: text(FIELDS.ip4SrcAddress).exactOptional(),
  ip6SrcAddress: text(FIELDS.ip6SrcAddress).exactOptional(),
  ip4SrcRange: text(FIELDS.ip4SrcRange).exactOptional(),
  ip6SrcRange: text(FIELDS.ip6SrcRange).exactOptional(),
  buckets: number(FIELDS.buckets).default(1024),
  timeout: number(FIELDS.timeout).default(40),
  flowHash: choice(FIELDS.flowHash).default('fast'),
  table: choice(FIELDS.table).default('maglev'),
  natInterfaces: natInterfacesSchema.prefault({}),
  vips: z.array(vipSchema).default([]),
});

/** A configuration as written: everything with a default may be missing. */
export type ConfigInput = z.input<typeof configSchema>;
/** A configuration with defaults filled in and texts canonical. Treat it as immutable. */
export type Config = z.output<typeof configSchema>;
export type VipConfig = z.output<typeof vipSchema>;
export type AsConfig = z.output<typeof asSchema>;
export type Encap = VipConfig['encap'];
export type Protocol = NonNullable<VipConfig['protocol']>;
export type NatKind = keyof Config['natInterfaces'];

/** The configuration without VIPs, everything else at its default. */
export function emptyConfig(): Config {
  return configSchema.parse({});
}
