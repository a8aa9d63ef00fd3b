import {
  encapGre4,
  encapGre6,
  GRE4_OVERHEAD,
  GRE6_OVERHEAD,
  gre4Template,
  gre6Template,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  rewriteL3dsr,
  TEMPLATE_WORDS,
} from '@lb/encap';
import { NativePool } from './native-pool.js';
import { NativeQueue } from './native-queue.js';

/** How packets from one local port reach one AS. Addresses in network order. */
export interface EncapWay {
  readonly encap: 'gre4' | 'gre6' | 'l3dsr';
  readonly as: Uint8Array;
  /** Outer source of GRE. For GRE over IPv4 all zeros have the kernel choose. */
  readonly source: Uint8Array;
  /** L3DSR. */
  readonly dscp: number;
}

interface Lane {
  readonly way: EncapWay;
  /** GRE: for inner IPv4 and IPv6. */
  readonly templates: Readonly<Record<4 | 6, Uint32Array>>;
}

const FRAMES = 1024;
const BURST = 64;
const POLL_MS = 2;
const ETHERNET_BYTES = 14;
const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;

/**
 * A TAP interface that this host's own packets are routed into. Each is encapsulated for the AS that its source port stands
 * for, and given to the kernel to route; a packet of another port is dropped. It only sends: answers of servers behind
 * GRE or L3DSR come without the encapsulation.
 *
 * Node.js cannot wait for the interface, so it is looked into every two milliseconds while there is a port.
 */
export class EncapTap {
  readonly name: string;
  readonly #pool: NativePool;
  readonly #tap: NativeQueue;
  readonly #raw: NativeQueue;
  readonly #lanes = new Map<number, Lane>();
  readonly #offset = new Uint32Array(BURST);
  readonly #length = new Uint32Array(BURST);
  #timer: NodeJS.Timeout | undefined;

  /** @throws LbError LB_NATIVE_* */
  constructor(name: string) {
    this.name = name;
    this.#pool = NativePool.open({ frames: FRAMES });
    try {
      this.#tap = NativeQueue.open(this.#pool, { kind: 'tap', interface: name });
      this.#raw = NativeQueue.open(this.#pool, { kind: 'raw', interface: '' });
    } catch (error) {
      this.#pool.close();
      throw error;
    }
  }

  /** From now on packets from that port go to that AS. */
  set(port: number, way: EncapWay): void {
    this.#lanes.set(port, { way, templates: { 4: template(way, 4), 6: template(way, 6) } });
    this.#timer ??= setInterval(() => this.pump(), POLL_MS);
  }

  delete(port: number): void {
    // What it has sent last, such as a reset, is still to go.
    this.pump();
    this.#lanes.delete(port);
    if (this.#lanes.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Takes what has come, and sends it on. */
  pump(): void {
    for (let n = this.#receive(); n > 0; n = this.#receive()) {
      let kept = 0;
      for (let i = 0; i < n; i++) {
        const length = this.#encapsulate(i);
        if (length === 0) this.#pool.freeOne(this.#offset[i]);
        else {
          this.#offset[kept] = this.#offset[i];
          this.#length[kept++] = length;
        }
      }
      const sent = kept === 0 ? 0 : this.#raw.tx(this.#offset, this.#length, kept);
      for (let i = sent; i < kept; i++) this.#pool.freeOne(this.#offset[i]);
    }
  }

  /** Removes the interface. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#tap.close();
    this.#raw.close();
    this.#pool.close();
  }

  #receive(): number {
    return this.#tap.rx(this.#offset, this.#length, BURST);
  }

  /** Rewrites packet `i` for its AS, and moves its offset. Returns the new length; 0 if it is to be dropped. */
  #encapsulate(i: number): number {
    const { u8, u16, u32 } = this.#pool.frames;
    const ip = this.#offset[i] + ETHERNET_BYTES;
    const length = this.#length[i] - ETHERNET_BYTES;
    const family = u8[ip] >>> 4;
    if (length < 40 || (family !== 4 && family !== 6)) return 0;
    const protocol = u8[ip + (family === 4 ? 9 : 6)];
    if (protocol !== PROTOCOL_TCP && protocol !== PROTOCOL_UDP) return 0;
    const l4 = ip + (family === 4 ? (u8[ip] & 15) * 4 : 40);
    const lane = this.#lanes.get((u8[l4] << 8) | u8[l4 + 1]);
    if (lane === undefined) return 0;
    const { way, templates } = lane;
    if (way.encap === 'l3dsr') {
      const { as } = way;
      rewriteL3dsr(u16, u32, ip, l4, protocol, as[0] | (as[1] << 8) | (as[2] << 16) | (as[3] << 24), way.dscp);
      return length + ETHERNET_BYTES;
    }
    const overhead = way.encap === 'gre4' ? GRE4_OVERHEAD : GRE6_OVERHEAD;
    if (way.encap === 'gre4') encapGre4(u32, ip, length, templates[family], 0);
    else encapGre6(u32, ip, length, templates[family], 0);
    const frame = ip - overhead - ETHERNET_BYTES;
    const type = ETHERTYPE[way.encap === 'gre4' ? 4 : 6];
    u8[frame + 12] = type >>> 8;
    u8[frame + 13] = type & 255;
    this.#offset[i] = frame;
    return length + overhead + ETHERNET_BYTES;
  }
}

function template({ encap, as, source }: EncapWay, innerFamily: 4 | 6): Uint32Array {
  const words = new Uint32Array(TEMPLATE_WORDS);
  if (encap === 'gre4') gre4Template(source, as, innerFamily, words, 0);
  if (encap === 'gre6') gre6Template(source, as, innerFamily, words, 0);
  return words;
}
