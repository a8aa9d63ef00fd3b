/*
 * The binary form of the flows of a VIP by bucket. All numbers little-endian:
 *
 *   0  u32  magic, 'LBFB'
 *   4  u32  version, 1
 *   8  u32  newLen, buckets
 *  12  u32  bytes of the totals
 *  16       totals: a JSON mapping, UTF-8, then spaces up to a multiple of 4
 *           flows of each bucket, u32
 */

const MAGIC = 0x4246_424c;
const VERSION = 1;
const HEADER_BYTES = 16;

/** Live flows of a VIP at about one moment. */
export interface FlowBuckets {
  readonly flows: number;
  /** Bucket of the new-flow table → flows that belong to it, whichever AS they have. */
  readonly buckets: Uint32Array;
  /** Flows whose bucket cannot be told. */
  readonly unknownBucket: number;
  /** How long ago flows were given to their ASs: those below each bound, and not below the one before. */
  readonly ages: readonly AgeClass[];
  /** Flows whose age cannot be told. */
  readonly unknownAge: number;
}

export interface AgeClass {
  /** Null: without bound. */
  readonly belowSec: number | null;
  readonly flows: number;
}

export function encodeFlowBuckets({ buckets, ...totals }: FlowBuckets): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(totals));
  const at = HEADER_BYTES + ((text.length + 3) & ~3);
  const bytes = new Uint8Array(at + buckets.length * 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, buckets.length, true);
  view.setUint32(12, at - HEADER_BYTES, true);
  bytes.fill(0x20, HEADER_BYTES, at);
  bytes.set(text, HEADER_BYTES);
  for (let i = 0; i < buckets.length; i++) view.setUint32(at + i * 4, buckets[i]!, true);
  return bytes;
}

/** @throws RangeError when the bytes are no such table, or one of another version */
export function decodeFlowBuckets(bytes: Uint8Array): FlowBuckets {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw new RangeError('not flows by bucket');
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw new RangeError(`flows by bucket of version ${version}; ${VERSION} is understood`);
  const newLen = view.getUint32(8, true);
  const at = HEADER_BYTES + view.getUint32(12, true);
  if (bytes.length !== at + newLen * 4) throw new RangeError('a table cut short');
  const totals = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_BYTES, at))) as Omit<FlowBuckets, 'buckets'>;
  const buckets = new Uint32Array(newLen);
  for (let i = 0; i < newLen; i++) buckets[i] = view.getUint32(at + i * 4, true);
  return { ...totals, buckets };
}
