import type { NativeLibrary } from './library.js';

/** Properties of a memory, pool, queue or filter (struct lbq_info); what does not apply is 0, '' or −1. */
export interface NativeInfo {
  /** Where it is mapped. */
  readonly address: bigint;
  readonly bytes: number;
  /** Queues: a {@link QueueKind} number. */
  readonly kind: number;
  /** LBQ_PAGES_* of memory and pool, LBQ_MODE_* of queue and filter. */
  readonly mode: number;
  readonly frameSize: number;
  readonly frames: number;
  readonly rxFrames: number;
  readonly txFrames: number;
  readonly fd: number;
  readonly interfaceIndex: number;
  readonly mtu: number;
  readonly mac: Uint8Array;
  readonly interface: string;
}

/** More than the struct has, so that a newer library may append to it. */
const INFO_BYTES = 256;

/** @throws LbError LB_NATIVE_HANDLE */
export function nativeInfo(library: NativeLibrary, handle: number): NativeInfo {
  const bytes = new Uint8Array(INFO_BYTES);
  library.check(library.calls.info(handle, bytes));
  const view = new DataView(bytes.buffer);
  const name = bytes.subarray(64, 80);
  return {
    address: view.getBigUint64(0, true),
    bytes: Number(view.getBigUint64(8, true)),
    kind: view.getUint32(16, true),
    mode: view.getUint32(20, true),
    frameSize: view.getUint32(24, true),
    frames: view.getUint32(28, true),
    rxFrames: view.getUint32(32, true),
    txFrames: view.getUint32(36, true),
    fd: view.getInt32(40, true),
    interfaceIndex: view.getUint32(44, true),
    mtu: view.getUint32(48, true),
    mac: bytes.slice(56, 62),
    interface: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
  };
}

/** Counters by name, as the library numbers them. */
export function nativeStats<Name extends string>(
  library: NativeLibrary,
  handle: number,
  names: readonly Name[],
): Record<Name, number> {
  const values = new BigUint64Array(names.length);
  library.check(library.calls.stats(handle, values, names.length));
  return Object.fromEntries(names.map((name, i) => [name, Number(values[i])])) as Record<Name, number>;
}
