import type { Address } from '@lb/core';
import type { ImageSpec } from '../image/spec.js';
import { type EntriesOptions, entriesFor, type FilterEntries, type FilterEntry } from './filter-entries.js';
import { type NativeInfo, nativeInfo, nativeStats } from './info.js';
import { type NativeLibrary, nativeLibrary } from './library.js';

/** Kinds of entry, by the numbers of the library. */
const KINDS = { prefixes: 1, prefixPorts: 2, nodePorts: 3, natSources: 4, natAddresses: 5 } as const;
type Kind = keyof typeof KINDS;
const ADD = 1;
const REPLACE = 3;
const ENTRY_BYTES = 28;
const MODES = { auto: 0, native: 1, generic: 2 } as const;

/** Packets by what the filter decided. */
export const FILTER_STATS = [
  'other',
  'exempt',
  'neighbour',
  'vip',
  'vipPort',
  'node',
  'natReturn',
  'noSocket',
  'punted',
] as const;
export type FilterStats = Record<(typeof FILTER_STATS)[number], number>;

/**
 * The XDP filter program on one interface: which packets go to the workers' AF_XDP queues. All else, and everything
 * once it is closed or the process has ended, is the kernel's.
 */
export class NativeFilter {
  private constructor(
    private readonly library: NativeLibrary,
    readonly handle: number,
  ) {}

  /**
   * Attach the program. Nothing matches before {@link apply}.
   * @param mode auto: native, else generic
   * @throws LbError LB_NATIVE_*
   */
  static open(interfaceName: string, mode: keyof typeof MODES = 'auto', library = nativeLibrary()): NativeFilter {
    return new NativeFilter(library, library.check(library.calls.filterOpen(interfaceName, MODES[mode])));
  }

  /** Change over to what a specification wants; see {@link entriesFor}. @throws LbError LB_NATIVE_LIMIT */
  apply(spec: ImageSpec, hostAddresses: readonly Address[], options?: EntriesOptions): void {
    this.replace(entriesFor(spec, hostAddresses, options));
  }

  /**
   * Make these the only entries, without a moment in which a packet that matches before and after does not: first all
   * new ports, then the prefixes that refer to them, then the old ports go. In between a few ports too many may match;
   * the worker hands their packets back.
   */
  replace(entries: FilterEntries): void {
    this.set('prefixPorts', ADD, entries.prefixPorts);
    this.set('nodePorts', ADD, entries.nodePorts);
    this.set('prefixes', REPLACE, entries.prefixes);
    for (const kind of ['prefixPorts', 'nodePorts', 'natSources', 'natAddresses'] as const) {
      this.set(kind, REPLACE, entries[kind]);
    }
  }

  private set(kind: Kind, operation: number, entries: readonly FilterEntry[]): void {
    const { library, handle } = this;
    library.check(library.calls.filterSet(handle, KINDS[kind], operation, encodeEntries(entries), entries.length));
  }

  info(): NativeInfo {
    return nativeInfo(this.library, this.handle);
  }

  stats(): FilterStats {
    return nativeStats(this.library, this.handle, FILTER_STATS);
  }

  /** Detach: from now on the kernel gets everything. */
  close(): void {
    this.library.check(this.library.calls.close(this.handle));
  }
}

/** An array of struct lbq_filter_entry: ports and addresses in network order. */
function encodeEntries(entries: readonly FilterEntry[]): Uint8Array {
  // Never empty: koffi would pass a null pointer.
  const bytes = new Uint8Array(Math.max(1, entries.length) * ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  entries.forEach(({ address, prefixLength = 0, protocol = 0, port = 0, group = 0, flags = 0 }, i) => {
    const at = i * ENTRY_BYTES;
    bytes.set([address?.family ?? 0, prefixLength, protocol, flags], at);
    view.setUint16(at + 4, port);
    view.setUint32(at + 8, group, true);
    if (address !== undefined) bytes.set(address.bytes, at + 12);
  });
  return bytes;
}
