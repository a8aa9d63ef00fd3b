/** The expected text is looked for in so many bytes of an answer; with more, the answer is another one. */
const MOST_BYTES = 65_536;

/** Looks for bytes in an answer that comes in pieces. */
export class ExpectedText {
  #received: Buffer = Buffer.alloc(0);

  constructor(private readonly wanted: Buffer) {}

  /** Takes the next piece. `never`: the answer is too long to be the expected one. */
  add(piece: Buffer): 'yes' | 'not yet' | 'never' {
    this.#received = this.#received.length === 0 ? piece : Buffer.concat([this.#received, piece]);
    if (this.#received.subarray(0, MOST_BYTES).includes(this.wanted)) return 'yes';
    return this.#received.length >= MOST_BYTES ? 'never' : 'not yet';
  }
}
