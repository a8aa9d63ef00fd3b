import { Life } from '../burst.js';
import { TICKS_PER_SECOND } from '../clock.js';
import type { ImageSpec } from './spec.js';

/**
 * State of a TCP flow, in the high bits of its value word in a flow or session table. Flows of other protocols, and
 * entries that several flows share, stay with the first; so do those in tables that an earlier release has left.
 */
export const enum FlowState {
  ESTABLISHED = 0,
  /** Only SYNs have come from the client. */
  OPENING = 0x10000000,
  /** A FIN or RST has come. What else comes keeps the entry, each time for a short while. */
  CLOSING = 0x20000000,
  MASK = 0x30000000,
  SHIFT = 28,
}

/** Numbers that the bits of a state can make. */
export const FLOW_STATES = 4;

/**
 * A rule: the state that an entry goes to with a packet, in the bits of FlowState, and the ticks that it lives on, in the
 * low 24. The rule for a Life and an entry's state is word `H.LIFETIMES + life + (state >>> SHIFT)` of the image. An entry
 * is made as if it had been established.
 */
export const RULE_TICKS = 0xffffff;

/** The rules of a configuration, {@link Life.END} words. */
export function lifetimes({ timeoutSec, timeouts }: ImageSpec): Uint32Array {
  const ticks = (seconds = timeoutSec) => Math.min(RULE_TICKS, Math.max(1, Math.round(seconds * TICKS_PER_SECOND)));
  const other = ticks(timeouts?.otherSec);
  const udp = ticks(timeouts?.udpSec);
  const tcp = ticks(timeouts?.tcpSec);
  const opening = ticks(timeouts?.tcpOpeningSec);
  const closing = ticks(timeouts?.tcpClosingSec);
  const toEstablished = FlowState.ESTABLISHED | tcp;
  const toOpening = FlowState.OPENING | opening;
  const toClosing = FlowState.CLOSING | closing;
  const words = new Uint32Array(Life.END);
  const put = (life: Life, established: number, open: number, close: number): void => {
    // There is no fourth state; what another process has left may say so all the same.
    words.set([established, open, close, established], life);
  };
  const whatever = (life: Life, rule: number): void => put(life, rule, rule, rule);
  whatever(Life.OTHER, other);
  whatever(Life.UDP, udp);
  put(Life.TCP_REST, toEstablished, toOpening, toClosing);
  put(Life.TCP_DATA, toEstablished, toEstablished, toClosing);
  whatever(Life.TCP_END, toClosing);
  whatever(Life.TCP_SYN, toOpening);
  whatever(Life.SHARED, Math.max(tcp, udp, other));
  whatever(Life.SHARED_TCP, toEstablished);
  return words;
}
