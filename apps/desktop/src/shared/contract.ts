import type { LbEvent } from '@lb/control/client';
import * as z from 'zod';
import { type DaemonInfo, daemonAnswerSchema, daemonInfoSchema, newDaemonSchema } from './daemon-info.js';
import { OPERATIONS } from './operations.js';
import type { PackedSample } from './packed-sample.js';
import { settingsSchema } from './settings.js';

const nothing = z.strictObject({});
const id = z.string().min(1).max(100);
const daemon = z.strictObject({ daemon: id });
/** Whatever memory they lie in. */
const uint32s = z.custom<Uint32Array>((value) => value instanceof Uint32Array);
const int32s = z.custom<Int32Array>((value) => value instanceof Int32Array);
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const problemSchema = z.object({
  code: z.string(),
  message: z.string(),
  path: z.string().exactOptional(),
  hint: z.string().exactOptional(),
  line: z.int().exactOptional(),
  column: z.int().exactOptional(),
});

/** Why a daemon refused, or did not answer (then without a status). */
export const apiErrorSchema = z.object({
  ...problemSchema.shape,
  status: z.int().exactOptional(),
  /** With status 412 the current revision. */
  revision: z.int().exactOptional(),
  /** All problems, the first included. */
  problems: z.array(problemSchema),
});

const callSchema = z.strictObject({
  params: values.exactOptional(),
  query: values.exactOptional(),
  body: z.unknown().optional(),
  ifMatch: z.int().exactOptional(),
});

/**
 * Everything that the renderer can ask of the main process: one entry per channel, with what goes in and what comes out. The
 * main process checks both while it runs; the types of `window.lb` derive from it.
 */
export const CHANNELS = {
  'daemons.list': { input: nothing, output: z.array(daemonInfoSchema) },
  'daemons.add': { input: newDaemonSchema, output: daemonAnswerSchema },
  /** Connects anew with what is given; the id, and what is staged for it, stay. */
  'daemons.change': { input: z.strictObject({ id, daemon: newDaemonSchema }), output: daemonAnswerSchema },
  /** What a daemon was added with, without its token. */
  'daemons.get': { input: z.strictObject({ id }), output: newDaemonSchema },
  'daemons.remove': { input: z.strictObject({ id }), output: z.null() },
  /** An operation of the API. `revision` comes with getConfig. */
  'api.call': {
    input: z.strictObject({ daemon: id, operation: z.enum(OPERATIONS), call: callSchema }),
    output: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: z.unknown(), revision: z.int().exactOptional() }),
      z.object({ ok: z.literal(false), error: apiErrorSchema }),
    ]),
  },
  /** The new-flow table of a VIP: bucket → index into `ass`, −1 for no server. */
  'api.buckets': {
    input: z.strictObject({ daemon: id, vip: z.string().min(1).max(200) }),
    output: z.object({ newLen: z.int(), ass: z.array(z.string()).readonly(), buckets: int32s }),
  },
  /** Established flows of each bucket of a VIP, and of those whose bucket cannot be told. */
  'api.flow-buckets': {
    input: z.strictObject({ daemon: id, vip: z.string().min(1).max(200) }),
    output: z.object({ flows: z.int(), unknownBucket: z.int(), buckets: uint32s }),
  },
  /** From now on there are updates with counters every so many milliseconds, and with events. */
  'stream.watch': {
    input: z.strictObject({ daemon: id, intervalMs: z.int().min(100).max(60_000) }),
    output: z.null(),
  },
  'stream.unwatch': { input: daemon, output: z.null() },
  /** Lets the user choose a file; null if none was chosen. Captures come as bytes, all else as text. */
  'files.open': {
    input: z.strictObject({ kind: z.enum(['yaml', 'grammar', 'pcap', 'pem']) }),
    output: z
      .union([z.object({ name: z.string(), text: z.string() }), z.object({ name: z.string(), bytes })])
      .nullable(),
  },
  /** Lets the user choose where; false if nothing was saved. */
  'files.save': {
    input: z.strictObject({ name: z.string().min(1).max(200), text: z.string().max(64 * 1024 * 1024) }),
    output: z.boolean(),
  },
  /** Notes what went wrong in the page, in the file of the app's errors. */
  'log.write': { input: z.strictObject({ text: z.string().min(1).max(16_384) }), output: z.null() },
  'settings.get': { input: nothing, output: settingsSchema },
  'settings.set': { input: settingsSchema.partial(), output: settingsSchema },
} as const satisfies Record<string, { readonly input: z.ZodType; readonly output: z.ZodType }>;

export type Channel = keyof typeof CHANNELS;
export type InputOf<C extends Channel> = z.input<(typeof CHANNELS)[C]['input']>;
export type OutputOf<C extends Channel> = z.output<(typeof CHANNELS)[C]['output']>;
export type ApiError = z.output<typeof apiErrorSchema>;

/** What the main process tells unasked. `gap`: events were missed; what was read before may be out of date. */
export type Update =
  | { readonly daemon: string; readonly kind: 'state'; readonly info: DaemonInfo }
  | { readonly daemon: string; readonly kind: 'counters'; readonly sample: PackedSample }
  | { readonly daemon: string; readonly kind: 'event'; readonly event: LbEvent }
  | { readonly daemon: string; readonly kind: 'gap' };

/** All that the renderer has of the world outside: `window.lb`. */
export interface Bridge {
  /** Rejects with an Error whose message is for people; refusals of a daemon come as a value of api.call. */
  call<C extends Channel>(channel: C, input: InputOf<C>): Promise<OutputOf<C>>;
  /** Calls `listener` with every update until the returned function is called. */
  on(listener: (update: Update) => void): () => void;
}

declare global {
  interface Window {
    readonly lb: Bridge;
  }
}
