import { formatOf, type HeaderName, type Next } from './header-formats.js';

/** A field of a header: where it is in the frame, and what it says. Several fields may share a byte. */
export interface FrameField {
  readonly name: string;
  /** Offset in the frame, of its first byte. */
  readonly at: number;
  readonly bytes: number;
  readonly value: string;
}

/** A header of a frame, in the order of the wire; the last one may be `data`, which has no fields. */
export interface FrameHeader {
  readonly name: HeaderName | 'data';
  readonly at: number;
  readonly bytes: number;
  readonly fields: readonly FrameField[];
}

/** A frame never has more: what says so is not meant to be read. */
const MOST_HEADERS = 24;

/** The headers of an Ethernet frame as far as they are there in full; those of a packet that an ICMP error quotes as well. */
export function frameHeaders(frame: Uint8Array): readonly FrameHeader[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const headers: FrameHeader[] = [];
  let at = 0;
  let next: Next = { space: 'frame', number: 0 };
  while (headers.length < MOST_HEADERS) {
    const format = formatOf(next);
    if (format === undefined || at + format.least > frame.length) break;
    const bytes = Math.max(format.least, format.length(view, at));
    const start = at;
    const fields = format.fields.map(([name, offset, length, read]) => ({
      name,
      at: start + offset,
      bytes: length,
      value: read(view, start + offset),
    }));
    headers.push({ name: format.name, at, bytes: Math.min(bytes, frame.length - at), fields });
    next = format.next(view, at);
    at += bytes;
  }
  if (at < frame.length) headers.push({ name: 'data', at, bytes: frame.length - at, fields: [] });
  return headers;
}
