import { parseConfig } from '../validate.js';
import type { Checkers } from './checker.js';
import { type CheckResult, passed } from './result.js';
import type { Probe } from './target.js';

/** A check that a test ends. */
export interface HeldCheck {
  readonly probe: Probe;
  readonly atMs: number;
  phase: string;
  early?: CheckResult;
  isStopped: boolean;
  end(result?: CheckResult): void;
}

/** Checkers without a network: a test ends each check by hand. */
export class FakeCheckers {
  readonly started: HeldCheck[] = [];
  readonly checkers: Checkers;
  /** Called with each check as it starts. */
  onStart: ((check: HeldCheck) => void) | undefined;

  constructor(now: () => number) {
    const start = (probe: Probe, done: (result: CheckResult) => void) => {
      const check: HeldCheck = {
        probe,
        atMs: now(),
        phase: 'connecting',
        isStopped: false,
        end: (result = passed('connected')) => done(result),
      };
      this.started.push(check);
      this.onStart?.(check);
      return {
        get phase() {
          return check.phase;
        },
        get early() {
          return check.early;
        },
        stop: () => {
          check.isStopped = true;
        },
      };
    };
    this.checkers = { tcp: { start }, http: { start }, https: { start }, udp: { start }, icmp: { start } };
  }

  /** The checks of one AS, in the order of their starts. */
  of(address: string): HeldCheck[] {
    return this.started.filter(({ probe }) => probe.address === address);
  }

  get last(): HeldCheck {
    return this.started.at(-1)!;
  }
}

export const VIP = { prefix: '192.0.2.1/32', protocol: 'tcp', port: 80 } as const;

/** A configuration with one VIP, whose ASs 10.0.0.1, 10.0.0.2, … are checked. */
export function checkedConfig(count: number, check: object = {}) {
  const ass = Array.from({ length: count }, (_, i) => ({ address: `10.0.${(i + 1) >> 8}.${(i + 1) & 255}` }));
  return parseConfig({ vips: [{ ...VIP, check: { type: 'tcp', ...check }, ass }] }).config;
}
