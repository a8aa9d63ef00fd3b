import { dataplaneError } from '../errors.js';
import { A, AS_VACANT, H, IMAGE_LAYOUT_VERSION, IMAGE_MAGIC, V, VipFlag } from './layout.js';

/** A worker's view of an image: its words and the section positions as plain numbers. Read only. */
export class Image {
  readonly revision: number;
  readonly flags: number;
  readonly vipSlots: number;
  readonly asSlots: number;
  readonly lpm4: number;
  readonly lpm6: number;
  readonly prefixes: number;
  readonly portsAt: number;
  readonly portsMask: number;
  readonly vips: number;
  readonly ass: number;
  readonly nat: number;
  readonly natMask: number;
  /** See H.SHORTEST_LIMIT. */
  readonly shortestLimit: number;
  readonly neighbours: number;
  readonly neighboursMask: number;
  readonly routes4: number;
  readonly routes6: number;
  readonly hops: number;
  readonly nat4Queues: number;
  readonly nat6Queues: number;
  readonly source4Mask: number;
  readonly source6Mask: number;
  readonly seed0: number;
  readonly seed1: number;

  /** The words signed, as hot loops compare them (see burst.ts). */
  readonly words: Int32Array;

  constructor(readonly unsigned: Uint32Array) {
    const words = new Int32Array(unsigned.buffer, unsigned.byteOffset, unsigned.length);
    this.words = words;
    if (words[H.MAGIC] !== IMAGE_MAGIC || words[H.VERSION] !== IMAGE_LAYOUT_VERSION) {
      throw dataplaneError('LB_IMAGE_LAYOUT', `image: layout ${words[H.VERSION]} is not ${IMAGE_LAYOUT_VERSION}`);
    }
    this.revision = words[H.REVISION];
    this.flags = words[H.FLAGS];
    this.vipSlots = words[H.VIP_SLOTS];
    this.asSlots = words[H.AS_SLOTS];
    this.lpm4 = words[H.LPM4];
    this.lpm6 = words[H.LPM6];
    this.prefixes = words[H.PREFIXES];
    this.portsAt = words[H.PORTS];
    this.portsMask = words[H.PORTS_MASK];
    this.vips = words[H.VIPS];
    this.ass = words[H.ASS];
    this.nat = words[H.NAT];
    this.natMask = words[H.NAT_MASK];
    this.shortestLimit = words[H.SHORTEST_LIMIT];
    this.neighbours = words[H.NEIGHBOURS];
    this.neighboursMask = words[H.NEIGHBOURS_MASK];
    this.routes4 = words[H.ROUTES4];
    this.routes6 = words[H.ROUTES6];
    this.hops = words[H.HOPS];
    this.nat4Queues = words[H.NAT4_QUEUES];
    this.nat6Queues = words[H.NAT6_QUEUES];
    this.source4Mask = words[H.SOURCE4_MASK];
    this.source6Mask = words[H.SOURCE6_MASK];
    this.seed0 = words[H.SEED0] | 0;
    this.seed1 = words[H.SEED1] | 0;
  }

  /** AS slot per bucket of a VIP's new-flow table, −1 for no server; empty for a vacant slot. */
  table(vipSlot: number): Int32Array {
    const at = this.vips + vipSlot * V.WORDS;
    if (vipSlot >= this.vipSlots || (this.words[at + V.FLAGS] & VipFlag.USED) === 0) return new Int32Array(0);
    const from = this.words[at + V.TABLE];
    const table = new Int32Array(this.words[at + V.MASK] + 1);
    for (let bucket = 0; bucket < table.length; bucket++) table[bucket] = this.words[from + bucket] - 1;
    return table;
  }

  /** Whether established flows may still use an AS slot. */
  isServing(asSlot: number): boolean {
    return asSlot < this.asSlots && this.words[this.ass + asSlot * A.WORDS + A.VIP] !== AS_VACANT;
  }
}
