import type { Address } from '@lb/core';
import { NativeFilter, NativePool, NativeQueue } from '@lb/dataplane';
import type { ReceiveInterface } from './backend-spec.js';
import { receiveQueues } from './link.js';
import type { PumpInput } from './pump.js';

interface Input extends PumpInput {
  readonly queue: NativeQueue;
  readonly punt: NativeQueue | undefined;
}

const XDP_RX_FRAMES = 2048;
/** The queues only receive. */
const XDP_TX_FRAMES = 64;
/** Bursts that are being looked at, and some more. */
const OWN_FRAMES = 1024;
const ETHERNET_AND_TAG_BYTES = 18;
const SMALL_FRAME_ROOM = 1790;

/** The interfaces of a backend, open: one AF_PACKET queue each, or with AF_XDP one for each receive queue. */
export class Inputs {
  readonly pool: NativePool;
  readonly all: Input[] = [];
  private readonly filters: NativeFilter[] = [];
  private readonly waits: Int32Array;

  /**
   * @param mtu the largest of the interfaces
   * @throws LbError LB_NATIVE_*, LB_BACKEND_SETTING
   */
  constructor(interfaces: readonly ReceiveInterface[], mtu: number) {
    const counts = interfaces.map(({ name, kind }) => (kind === 'af_xdp' ? receiveQueues(name) : 0));
    const xdpQueues = counts.reduce((sum, count) => sum + count, 0);
    this.pool = NativePool.open({
      frames: OWN_FRAMES + xdpQueues * (XDP_RX_FRAMES + XDP_TX_FRAMES),
      frameSize: mtu + ETHERNET_AND_TAG_BYTES <= SMALL_FRAME_ROOM ? 2048 : 4096,
    });
    try {
      interfaces.forEach(({ name, kind }, i) => {
        if (kind === 'af_xdp') this.openXdp(name, counts[i]!);
        else this.openPacket(name);
      });
    } catch (error) {
      this.close();
      throw error;
    }
    this.waits = Int32Array.from(this.all, ({ queue }) => queue.handle);
  }

  // GRO merges segments to more than a frame can hold, before packet sockets see them.
  private openPacket(name: string): void {
    const flags = ['lowLatency', 'groOff'] as const;
    this.all.push({
      queue: NativeQueue.open(this.pool, { kind: 'af_packet', interface: name, flags }),
      punt: undefined,
    });
  }

  private openXdp(name: string, queues: number): void {
    const filter = NativeFilter.open(name);
    this.filters.push(filter);
    const punt = NativeQueue.open(this.pool, { kind: 'punt', interface: name, filter: filter.handle });
    try {
      for (let queue = 0; queue < queues; queue++) {
        const options = { queue, filter: filter.handle, rxFrames: XDP_RX_FRAMES, txFrames: XDP_TX_FRAMES };
        this.all.push({ queue: NativeQueue.open(this.pool, { kind: 'af_xdp', interface: name, ...options }), punt });
      }
    } catch (error) {
      if (!this.all.some((input) => input.punt === punt)) punt.close();
      throw error;
    }
  }

  /** With AF_XDP: what is sent to these addresses comes here, all else stays with the kernel. */
  setLocal(local: readonly Address[]): void {
    const prefixes = local.map((address) => ({ address, prefixLength: address.bytes.length * 8 }));
    for (const filter of this.filters) {
      filter.replace({ prefixes, prefixPorts: [], nodePorts: [], natSources: [], natAddresses: [] });
    }
  }

  /** Blocks the thread until something has come, for `timeoutUs` at most. */
  wait(timeoutUs: number): void {
    const { library } = this.pool;
    library.check(library.calls.wait(this.waits, this.waits.length, timeoutUs));
  }

  /** Frames that the kernel lost before they could be received. */
  lost(): number {
    let sum = 0;
    for (const { queue } of this.all) {
      const { rxDropped, rxRingFull, rxOversize } = queue.stats();
      sum += rxDropped + rxRingFull + rxOversize;
    }
    return sum;
  }

  /** From now on the kernel gets everything. */
  close(): void {
    for (const filter of this.filters) filter.close();
    const punts = new Set(this.all.map(({ punt }) => punt));
    for (const { queue } of this.all) queue.close();
    for (const punt of punts) punt?.close();
    this.pool.close();
  }
}
