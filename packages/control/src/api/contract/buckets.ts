/*
 * The binary form of a new-flow table. All numbers little-endian:
 *
 *   0  u32  magic, 'LBBK'
 *   4  u16  version, 1
 *   6  u16  bytes of a bucket: 2 or 4
 *   8  u32  newLen, buckets
 *  12  u32  number of ASs
 *  16  u32  bytes of the names
 *  20  u32  0
 *  24       names: a JSON list of the addresses, UTF-8, then spaces up to a multiple of 4
 *           buckets: index into the names; no server is 65535 (2 bytes) or 4294967295 (4 bytes)
 */

const MAGIC = 0x4b42_424c;
const VERSION = 1;
const HEADER_BYTES = 24;
const NARROW_NONE = 0xffff;

/** A new-flow table: bucket → index into `ass`, −1 for no server. */
export interface Buckets {
  readonly newLen: number;
  readonly ass: readonly string[];
  readonly buckets: Int32Array;
}

export function encodeBuckets({ newLen, ass, buckets }: Buckets): Uint8Array {
  const names = new TextEncoder().encode(JSON.stringify(ass));
  const namesBytes = (names.length + 3) & ~3;
  const width = ass.length < NARROW_NONE ? 2 : 4;
  const bytes = new Uint8Array(HEADER_BYTES + namesBytes + newLen * width);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, width, true);
  view.setUint32(8, newLen, true);
  view.setUint32(12, ass.length, true);
  view.setUint32(16, namesBytes, true);
  bytes.fill(0x20, HEADER_BYTES, HEADER_BYTES + namesBytes);
  bytes.set(names, HEADER_BYTES);
  const at = HEADER_BYTES + namesBytes;
  // −1 becomes all ones at either width.
  if (width === 2) for (let i = 0; i < newLen; i++) view.setUint16(at + i * 2, buckets[i]! & 0xffff, true);
  else for (let i = 0; i < newLen; i++) view.setInt32(at + i * 4, buckets[i]!, true);
  return bytes;
}

/** @throws RangeError when the bytes are no table, or one of another version */
export function decodeBuckets(bytes: Uint8Array): Buckets {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw new RangeError('not a table of buckets');
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw new RangeError(`a table of buckets of version ${version}; ${VERSION} is understood`);
  const width = view.getUint16(6, true);
  const newLen = view.getUint32(8, true);
  const at = HEADER_BYTES + view.getUint32(16, true);
  if ((width !== 2 && width !== 4) || bytes.length !== at + newLen * width) throw new RangeError('a table cut short');
  const ass = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_BYTES, at))) as string[];
  const buckets = new Int32Array(newLen);
  for (let i = 0; i < newLen; i++) {
    if (width === 4) buckets[i] = view.getInt32(at + i * 4, true);
    else {
      const index = view.getUint16(at + i * 2, true);
      buckets[i] = index === NARROW_NONE ? -1 : index;
    }
  }
  return { newLen, ass, buckets };
}
