/** What tells the time: the clock on the wall, which may be set, and one that never jumps. Both in milliseconds. */
export interface Clocks {
  wall(): number;
  steady(): number;
}

export const systemClocks: Clocks = { wall: () => Date.now(), steady: () => performance.now() };

/** Less than this is a clock that is being adjusted little by little, not one that was set. */
export const CLOCK_JUMP_MS = 1000;

const LOOK_MS = 1000;

/** Tells when the clock on the wall was set, by so many milliseconds; forward if they are more than 0. */
export class ClockWatch {
  private base: number;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly jumped: (byMs: number) => void,
    private readonly clocks: Clocks = systemClocks,
  ) {
    this.base = clocks.wall() - clocks.steady();
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  look(): void {
    const base = this.clocks.wall() - this.clocks.steady();
    const byMs = base - this.base;
    // What is adjusted slowly never adds up to a jump.
    this.base = base;
    if (Math.abs(byMs) >= CLOCK_JUMP_MS) this.jumped(byMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
