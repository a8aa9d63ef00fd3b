import { formatAddress } from '@lb/core';
import type { Image } from '../src/image/image.js';
import { Engine } from '../src/pipeline/engine.js';
import { NatSessions } from '../src/pipeline/nat-sessions.js';
import { HandQueue } from './hand-queue.testkit.js';

export const LINES = 64;
export const SECRET = [1, 2, 3, 4] as const;

/** What became of a packet: source and destination as `address port`. */
export interface Sent {
  readonly verdict: number;
  readonly reason: number;
  readonly from: string;
  readonly to: string;
}

/** A worker fed by hand. */
export class NatWorker {
  readonly queue = new HandQueue();
  readonly engine: Engine;

  constructor(
    image: Image,
    readonly sessions = new NatSessions(LINES, SECRET),
  ) {
    this.engine = new Engine({ image, source: this.queue, flowTableLines: LINES, secret: SECRET, sessions });
  }

  /** What becomes of a packet. */
  send(frame: Uint8Array, tick = 0): Sent {
    this.queue.waiting = [frame];
    this.queue.tick = tick;
    this.engine.poll(this.queue);
    const { burst } = this.engine;
    const { u8 } = this.queue.frames;
    const ip = burst.ip[0];
    const six = u8[ip] >>> 4 === 6;
    const l4 = ip + (six ? 40 : 20);
    const bytes = six ? 16 : 4;
    const end = (at: number, port: number): string =>
      `${formatAddress({ family: six ? 6 : 4, bytes: u8.slice(at, at + bytes) })} ${(u8[port] << 8) | u8[port + 1]}`;
    const source = ip + (six ? 8 : 12);
    return {
      verdict: burst.verdict[0],
      reason: burst.reason[0],
      from: end(source, l4),
      to: end(source + bytes, l4 + 2),
    };
  }
}

/** Workers that know the session tables of the others. */
export function natWorkers(image: Image, count: number): NatWorker[] {
  const all = Array.from({ length: count }, () => new NatWorker(image));
  all.forEach(({ sessions }, index) => {
    sessions.index = index;
    sessions.peers = all.filter((_, other) => other !== index).map((worker) => worker.sessions.table);
  });
  return all;
}
