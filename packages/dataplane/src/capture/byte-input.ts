/** What readers read from: unread bytes in a buffer, of a file or of memory. */
export interface ByteInput {
  /** May be replaced by `available`; so may `view`, which covers the same bytes. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where in `bytes` the unread ones begin. */
  position: number;
  /** How messages call this source. */
  readonly name: string;
  /** Size of all of it; undefined where it is not known. */
  readonly sizeBytes: number | undefined;
  /** Bytes of the source before `position`. */
  readonly offset: number;
  /** Makes `wanted` bytes available from `position` and returns how many there are: fewer only when the source ends before. */
  available(wanted: number): number;
  /** Moves over `count` bytes and returns how many there were: fewer than `count` at the end. */
  skip(count: number): number;
  close(): void;
}
