const NSEC_PER_SEC = 1_000_000_000;

/**
 * Turns one interface's 64-bit time stamps into seconds and nanoseconds, exactly (finer units are cut off).
 *
 * Decimal units down to the nanosecond, which is what tools write, need neither BigInt nor objects: schoolbook long
 * division over 16-bit digits keeps every step below 2^53. Binary and finer units are rare and go through BigInt.
 */
export class PcapngClock {
  /** Results of the last `read`. */
  sec = 0;
  nsec = 0;
  readonly #unitsPerSec: number;
  readonly #nsecPerUnit: number;
  readonly #bigUnitsPerSec: bigint;
  readonly #offsetSec: number;

  /**
   * @param resolution the if_tsresol byte: 10^-n seconds, or 2^-n when the top bit is set. pcapng's default is 6.
   * @param offsetSec the if_tsoffset option: seconds to add.
   */
  constructor(resolution = 6, offsetSec = 0) {
    const exponent = resolution & 0x7f;
    const fast = resolution <= 9;
    this.#unitsPerSec = fast ? 10 ** exponent : 0;
    this.#nsecPerUnit = fast ? 10 ** (9 - exponent) : 0;
    this.#bigUnitsPerSec = (resolution & 0x80 ? 2n : 10n) ** BigInt(exponent);
    this.#offsetSec = offsetSec;
  }

  /**
   * Reads a time stamp (its high half, then its low half) at `at` of `view` and sets `sec` and `nsec`. The halves are
   * read in here because numbers above 2^31 handed from function to function can end up as objects on the heap.
   */
  read(view: DataView, at: number, littleEndian: boolean): void {
    const high = view.getUint32(at, littleEndian);
    const low = view.getUint32(at + 4, littleEndian);
    const units = this.#unitsPerSec;
    if (units === 0) {
      this.#readSlowly(high, low);
      return;
    }
    const q2 = Math.floor(high / units);
    const middle = (high - q2 * units) * 0x10000 + (low >>> 16);
    const q1 = Math.floor(middle / units);
    const rest = (middle - q1 * units) * 0x10000 + (low & 0xffff);
    const q0 = Math.floor(rest / units);
    this.sec = q2 * 0x100000000 + q1 * 0x10000 + q0 + this.#offsetSec;
    this.nsec = (rest - q0 * units) * this.#nsecPerUnit;
  }

  #readSlowly(high: number, low: number): void {
    const units = this.#bigUnitsPerSec;
    const time = (BigInt(high) << 32n) | BigInt(low);
    this.sec = Number(time / units) + this.#offsetSec;
    this.nsec = Number(((time % units) * BigInt(NSEC_PER_SEC)) / units);
  }
}
