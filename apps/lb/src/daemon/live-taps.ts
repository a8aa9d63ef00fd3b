import { describeVip, type VipRef } from '@lb/control';
import type { CaptureQuery, PacketCapture, TapQuery, Trace, TracedPacket } from '@lb/control/api';
import { parseAddress, parsePrefix } from '@lb/core';
import {
  captureRecord,
  MemoryOutput,
  PcapngWriter,
  TAP_INTERFACES,
  type TapFilter,
  type TapFrame,
  type TapRecord,
  traceText,
  vipKey,
} from '@lb/dataplane';
import { BoundedTap } from './bounded-tap.js';
import { specOf } from './cut-keys.js';
import type { Dataplane } from './dataplane.js';
import { daemonError } from './errors.js';
import { LiveNames } from './tap-names.js';

const PROTOCOLS = { tcp: 6, udp: 17, icmp: 1, icmp6: 58 } as const;

/** What becomes of packets while the workers serve them: one trace or capture at a time. */
export class LiveTaps {
  constructor(private readonly dataplane: Dataplane) {}

  /** @throws LbError LB_WORKER_TAP_BUSY; LB_DAEMON_REQUEST if the VIP is not served */
  async trace(query: TapQuery, signal: AbortSignal): Promise<Trace> {
    const tap = this.open(query, signal);
    const names = new LiveNames(this.dataplane);
    const records: TracedPacket[] = [];
    for await (const batch of tap.batches()) {
      for (const record of batch) records.push(traced(record, names));
    }
    return { records, missed: tap.missed };
  }

  /** Begins at once. @throws LbError LB_WORKER_TAP_BUSY; LB_DAEMON_REQUEST if the VIP is not served */
  capture(query: CaptureQuery, signal: AbortSignal): PacketCapture {
    const tap = this.open(query, signal);
    return {
      get missed() {
        return tap.missed;
      },
      [Symbol.asyncIterator]: () => this.pcapng(tap, query),
    };
  }

  private async *pcapng(tap: BoundedTap, query: CaptureQuery): AsyncGenerator<Uint8Array, void, undefined> {
    const output = new MemoryOutput();
    const writer = new PcapngWriter(output, { interfaces: TAP_INTERFACES });
    const names = new LiveNames(this.dataplane);
    yield output.take();
    for await (const batch of tap.batches()) {
      for (const record of batch) {
        captureRecord(writer, record, names, query.side);
        if (output.bytesWritten >= query.bytes) break;
      }
      const bytes = output.take();
      if (bytes.length > 0) yield bytes;
      if (output.bytesWritten >= query.bytes) return;
    }
  }

  private open(query: TapQuery, signal: AbortSignal): BoundedTap {
    const { vip, seconds } = query;
    const vipSlot = vip && this.slotOf(vip);
    if (vip !== undefined && vipSlot === undefined) {
      throw daemonError('LB_DAEMON_REQUEST', `VIP ${describeVip(vip)} is not served`);
    }
    const tap = this.dataplane.supervisor.tap(filterOf(query, vipSlot));
    // A VIP that is removed leaves its slot to another.
    const isOver = (): boolean => vip !== undefined && this.slotOf(vip) !== vipSlot;
    return new BoundedTap(tap, { seconds, signal, isOver });
  }

  private slotOf(vip: VipRef): number | undefined {
    return this.dataplane.slotMaps.vipSlots.get(vipKey(specOf(vip)));
  }
}

function filterOf(query: TapQuery, vipSlot: number | undefined): TapFilter {
  const { as, client, port, protocol, verdict, reason, sample, snapBytes, count } = query;
  return {
    ...(vipSlot !== undefined && { vipSlot }),
    ...(as !== undefined && { as: parseAddress(as) }),
    ...(client !== undefined && { host: parsePrefix(client) }),
    ...(port !== undefined && { port }),
    ...(protocol !== undefined && { protocol: PROTOCOLS[protocol] }),
    ...(verdict !== undefined && { verdicts: [verdict] }),
    ...(reason !== undefined && { reason }),
    ...(sample !== undefined && { oneIn: sample }),
    ...(snapBytes !== undefined && { snapBytes }),
    packets: count,
  };
}

function traced(record: TapRecord, names: LiveNames): TracedPacket {
  const { worker, verdict, reason, protocol, source, sourcePort, destination, destinationPort } = record;
  const { vipSlot, asSlot, tracking, bucket, identity, sec, nsec } = record;
  return {
    at: `${new Date(sec * 1000).toISOString().slice(0, 19)}.${String(nsec).padStart(9, '0')}Z`,
    worker,
    verdict,
    reason,
    protocol,
    source,
    sourcePort,
    destination,
    destinationPort,
    vip: vipSlot === null ? null : (names.vip(vipSlot) ?? null),
    as: asSlot === null ? null : (names.as(asSlot) ?? null),
    tracking,
    bucket,
    identity,
    text: traceText(record, names),
    before: frameView(record.before),
    after: frameView(record.after),
  };
}

function frameView(frame: TapFrame | null): TracedPacket['before'] {
  return frame && { length: frame.length, hex: Buffer.from(frame.bytes).toString('hex') };
}
