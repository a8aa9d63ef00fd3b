import type { ImageSpec } from '@lb/dataplane';
import { TCP, UDP } from './packet.js';

export const TICKS_PER_SECOND = 16;
/** For so long after a worker's thread has begun packets of any flow may come over from others. */
export const SETTLING_TICKS = 10 * TICKS_PER_SECOND;
const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/** Where a flow stands. Only those of TCP are ever anywhere else than established. */
export type State = 'established' | 'opening' | 'closing';

/** What a packet tells of its flow: its protocol, and of TCP what its flags say, if it shows any. */
export type Tells = 'other' | 'udp' | 'tcp' | 'data' | 'end' | 'syn';

export interface Life {
  readonly state: State;
  readonly ticks: number;
}

/** @param flags of a TCP segment; undefined in what shows none */
export function tells(protocol: number, flags: number | undefined): Tells {
  if (protocol === UDP) return 'udp';
  if (protocol !== TCP) return 'other';
  if (flags === undefined) return 'tcp';
  if ((flags & SYN) !== 0 && (flags & (RST | ACK)) === 0) return 'syn';
  return (flags & (FIN | RST)) !== 0 ? 'end' : 'data';
}

/** The state after a packet, and how long the flow lives then without another. */
export function lifeAfter(spec: ImageSpec, before: State, told: Tells): Life {
  if (told === 'udp' || told === 'other') return { state: 'established', ticks: timeout(spec, told) };
  let state = before;
  if (told === 'syn') state = 'opening';
  else if (told === 'end') state = 'closing';
  else if (told === 'data' && before === 'opening') state = 'established';
  return { state, ticks: timeout(spec, state) };
}

/** Of an entry that stands for many flows of a client, which have one protocol or any. */
export function sharedLife(spec: ImageSpec, protocol: number): Life {
  const kinds = protocol === TCP ? (['established'] as const) : protocol === UDP ? (['udp'] as const) : undefined;
  const all = kinds ?? (['established', 'udp', 'other'] as const);
  return { state: 'established', ticks: Math.max(...all.map((kind) => timeout(spec, kind))) };
}

function timeout({ timeoutSec, timeouts = {} }: ImageSpec, kind: State | 'udp' | 'other'): number {
  const named = {
    established: timeouts.tcpSec,
    opening: timeouts.tcpOpeningSec,
    closing: timeouts.tcpClosingSec,
    udp: timeouts.udpSec,
    other: timeouts.otherSec,
  };
  return Math.max(1, Math.round((named[kind] ?? timeoutSec) * TICKS_PER_SECOND));
}
