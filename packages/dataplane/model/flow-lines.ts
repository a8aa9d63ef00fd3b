/** The 64 bits by which machines know a flow. */
export type Identity = readonly [lo: number, hi: number];

interface Place {
  readonly identity: Identity;
  expiry: number;
}

const PLACES = 4;
/** Entries that may be looked at in one burst to make room: at most, and at least where that is in vain; each that moves earns more. */
const MOST_LOOKS = 64;
const LEAST_LOOKS = 4;
const EARNED = 8;

/**
 * Who has a place in a flow table, which is what decides whether a flow is tracked: lines of four places, two lines for each
 * flow (packages/core/src/flow-table.ts says where and why). Nobody is ever turned out; but who has been there as long as his
 * timeout without a packet has no place any more.
 */
export class FlowLines {
  private readonly lines: (Place | undefined)[][];
  private looks = MOST_LOOKS;
  /** What there will be in the next burst. */
  private next = MOST_LOOKS;

  /** @param count lines, a power of two. @param secret four words that spread flows over them */
  constructor(
    count: number,
    private readonly secret: readonly [number, number, number, number],
  ) {
    this.lines = Array.from({ length: count }, () => new Array<Place | undefined>(PLACES).fill(undefined));
  }

  /** A burst begins: room may be made again. */
  beginBurst(): void {
    this.looks = this.next;
  }

  /** Another thread begins with as many looks as the first. */
  forgetLooks(): void {
    this.next = MOST_LOOKS;
  }

  /** Let a flow have its place until `expiry`. False if it has none, and there is no room for it. Ticks that never wrap. */
  keep(identity: Identity, now: number, expiry: number): boolean {
    const own = this.both(identity);
    for (const line of own) {
      const place = line.find((each) => each !== undefined && isSame(each.identity, identity));
      if (place !== undefined && place.expiry > now) {
        place.expiry = expiry;
        return true;
      }
    }
    const place = { identity, expiry };
    for (const line of own) if (put(line, freeIn(line, identity, now), place)) return true;
    for (const line of own) if (put(line, this.makeRoom(line, now), place)) return true;
    return false;
  }

  /** Whether a flow has a place that it has not been without a packet in since `since`. */
  holds(identity: Identity, since: number): boolean {
    return this.placesOf(identity).some(({ expiry }) => expiry > since);
  }

  /** Let a flow's place be anybody's, and let it look as if its time had been over at `when`. */
  end(identity: Identity, when = Number.NEGATIVE_INFINITY): void {
    for (const place of this.placesOf(identity)) place.expiry = Math.min(place.expiry, when);
  }

  private placesOf(identity: Identity): Place[] {
    return this.both(identity).flatMap((line) =>
      line.filter((place): place is Place => place !== undefined && isSame(place.identity, identity)),
    );
  }

  /** Moves the first flow of a full line that has room in its other line; returns the place it leaves, or -1. */
  private makeRoom(line: (Place | undefined)[], now: number): number {
    for (let at = 0; at < PLACES; at++) {
      if (this.looks === 0) return -1;
      this.looks--;
      this.next = Math.max(LEAST_LOOKS, this.next - 1);
      const place = line[at]!;
      const [first, second] = this.both(place.identity);
      const other = first === line ? second : first;
      if (other === line || !put(other, freeIn(other, place.identity, now), place)) continue;
      this.next = Math.min(MOST_LOOKS, this.next + EARNED);
      return at;
    }
    return -1;
  }

  /** The two lines of a flow, which may be the same one. */
  private both([lo, hi]: Identity): [(Place | undefined)[], (Place | undefined)[]] {
    const [s0, s1, s2, s3] = this.secret;
    // A secret permutation of both halves; the factors are odd.
    const a = fold(Math.imul(lo ^ s0, s1 | 1), 15);
    const b = fold(Math.imul(hi + a, s2 | 1), 14);
    const c = fold(Math.imul(a + b, s3 | 1), 16);
    const count = this.lines.length;
    // The upper bits of a product.
    const line = (product: number) => this.lines[Math.floor((product >>> 0) / (2 ** 32 / count))];
    return [line(Math.imul(c, 0x9e3779b1)), line(Math.imul(b + c, 0x85ebca6b))];
  }
}

function fold(word: number, bits: number): number {
  return word ^ (word >>> bits);
}

/** A place in a line: where this flow was before, else the first that nobody uses; -1 if all do. */
function freeIn(line: readonly (Place | undefined)[], identity: Identity, now: number): number {
  const before = line.findIndex((place) => place !== undefined && isSame(place.identity, identity));
  return before >= 0 ? before : line.findIndex((place) => place === undefined || place.expiry <= now);
}

function put(line: (Place | undefined)[], at: number, place: Place): boolean {
  if (at >= 0) line[at] = place;
  return at >= 0;
}

function isSame(a: Identity, b: Identity): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
