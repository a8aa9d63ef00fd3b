import type { PcapngInterfaceOptions, PcapngWriter } from '../capture/index.js';
import type { TapRecord } from './tap-record.js';
import { type TapNames, traceLine } from './trace-text.js';

/** The interfaces of a capture file, by their numbers: what came in, and what was sent. */
export const TAP_INTERFACES: readonly PcapngInterfaceOptions[] = [{ name: 'received' }, { name: 'sent' }];

const RECEIVED = 0;
const SENT = 1;

/** Which packets a capture has. */
export type TapSide = 'received' | 'sent' | 'both';

/**
 * Append a record to a capture that was made with {@link TAP_INTERFACES}: the packet as received, then as sent, each with
 * what became of it as its comment.
 * @throws LbError LB_CAP_*
 */
export function captureRecord(writer: PcapngWriter, record: TapRecord, names: TapNames, side: TapSide = 'both'): void {
  const { before, after, sec, nsec } = record;
  const comment = traceLine(record, names);
  if (before !== null && side !== 'sent') {
    writer.write(before.bytes, 0, before.bytes.length, sec, nsec, comment, RECEIVED, before.length);
  }
  if (after !== null && side !== 'received') {
    writer.write(after.bytes, 0, after.bytes.length, sec, nsec, comment, SENT, after.length);
  }
}
