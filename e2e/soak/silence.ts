/** A time during which packets may have been lost, in milliseconds since 1970. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A question on a connection that nobody answered. */
export interface Silence {
  /** When it was sent first. */
  readonly askedMs: number;
  /** When the client gave up. */
  readonly toMs: number;
  /** Whether it was the opening of the connection. */
  readonly opening: boolean;
}

/** Linux waits at least so long before TCP sends again; longer after an answer that was late, as those are that had to be sent again. */
const LEAST_RTO_MS = 200;
const MOST_RTO_MS = 2_000;
const OPENING_RTO_MS = 1_000;
/** Linux sends a SYN so many times more at even distances before they double (net.ipv4.tcp_syn_linear_timeouts). */
const EVEN_OPENINGS = 4;
/** A timer of the kernel may be late by an eighth: its wheel is coarser for longer times. */
const LATE = 1 / 8;
/** From a packet's way through the client to its answer, and how exactly outages are known. */
const TOLERANCE_MS = 50;

/**
 * Whether TCP alone may account for a silence: it sends again after a pause that doubles every time, so a few outages are enough if each
 * of those moments falls into one. Each packet has its answer within milliseconds, so it does not matter which of the two got lost.
 * @param longestPauseMs what the pause is limited to (net.ipv4.tcp_rto_max_ms)
 */
export function mayBeSilent({ askedMs, toMs, opening }: Silence, outages: readonly Outage[], longestPauseMs: number) {
  const steps = opening ? [OPENING_RTO_MS] : [...range(LEAST_RTO_MS, MOST_RTO_MS, 20)];
  return steps.some((step) => {
    let times = overlaps([{ fromMs: askedMs, toMs: askedMs }], outages);
    let pause = Math.min(step, longestPauseMs);
    for (let sent = 1; times.length > 0; sent++) {
      const next = times.map(({ fromMs, toMs }) => ({ fromMs: fromMs + pause, toMs: toMs + pause * (1 + LATE) }));
      if (next.some((time) => time.toMs >= toMs)) return true;
      times = overlaps(next, outages);
      if (!opening || sent > EVEN_OPENINGS) pause = Math.min(pause * 2, longestPauseMs);
    }
    return false;
  });
}

/** The parts of times that fall into outages. */
function overlaps(times: readonly Outage[], outages: readonly Outage[]): Outage[] {
  return times.flatMap((time) =>
    outages
      .map((outage) => ({
        fromMs: Math.max(time.fromMs, outage.fromMs - TOLERANCE_MS),
        toMs: Math.min(time.toMs, outage.toMs + TOLERANCE_MS),
      }))
      .filter(({ fromMs, toMs }) => fromMs <= toMs),
  );
}

function* range(from: number, to: number, step: number) {
  for (let value = from; value <= to; value += step) yield value;
}
