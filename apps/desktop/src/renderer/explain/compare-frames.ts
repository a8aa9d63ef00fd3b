import { type FrameField, type FrameHeader, frameHeaders } from './frame-headers.js';

/** A byte of a frame and how it relates to the other frame. */
export interface MarkedByte {
  readonly hex: string;
  /** `other`: the byte at its place in the other frame differs; `only`: the other frame has nothing at its place. */
  readonly mark: 'same' | 'other' | 'only';
}

/** A field, and what it is in the other frame if that is something else. */
export interface MarkedField extends FrameField {
  readonly other: string | undefined;
}

/** A header with its fields, and how it relates to those of the other frame. */
export interface MarkedHeader extends FrameHeader {
  /** The other frame has no such header. */
  readonly isOnly: boolean;
  readonly fields: readonly MarkedField[];
}

export interface MarkedFrame {
  readonly bytes: readonly MarkedByte[];
  readonly headers: readonly MarkedHeader[];
}

/** A frame with its headers, and where the packet begins that is in both frames. */
interface Parsed {
  readonly frame: Uint8Array;
  readonly headers: readonly FrameHeader[];
  /** End of Ethernet and its tags. */
  readonly linkBytes: number;
}

/** Both frames with what the balancer changed, added and took away marked. @param before, after the bytes in hex */
export function compareFrames(before: string, after: string): { before: MarkedFrame; after: MarkedFrame } {
  const [old, made] = [parse(before), parse(after)];
  const from = packetStart(old, made);
  const to = packetStart(made, old);
  return { before: mark(old, made, from, to), after: mark(made, old, to, from) };
}

/** Bytes without anything to compare with. */
export function plainFrame(hex: string): MarkedFrame {
  const parsed = parse(hex);
  return mark(parsed, parsed, parsed.linkBytes, parsed.linkBytes);
}

function parse(hex: string): Parsed {
  const frame = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const headers = frameHeaders(frame);
  const behind = headers.find(({ name }) => name !== 'Ethernet' && name !== 'VLAN');
  return { frame, headers, linkBytes: behind?.at ?? frame.length };
}

/**
 * Where the packet that is in both frames begins: an outer header, or the header of an ICMP error that quotes the packet, is
 * one IP header more than the other frame has.
 */
function packetStart(parsed: Parsed, other: Parsed): number {
  const ips = ipHeaders(parsed);
  const more = Math.max(0, ips.length - ipHeaders(other).length);
  return ips[more]?.at ?? parsed.linkBytes;
}

function ipHeaders({ headers }: Parsed): readonly FrameHeader[] {
  return headers.filter(({ name }) => name === 'IPv4' || name === 'IPv6');
}

/** @param start where the common packet begins, @param otherStart where it does in the other frame */
function mark(parsed: Parsed, other: Parsed, start: number, otherStart: number): MarkedFrame {
  const { frame, headers, linkBytes } = parsed;
  /** Place in the other frame; undefined: it has none there. */
  const placeOf = (at: number): number | undefined => {
    if (at < linkBytes) return at < other.linkBytes ? at : undefined;
    const place = at - start + otherStart;
    return at < start || place >= other.frame.length ? undefined : place;
  };
  const bytes = Array.from(frame, (byte, at): MarkedByte => {
    const place = placeOf(at);
    const hex = byte.toString(16).padStart(2, '0');
    return { hex, mark: place === undefined ? 'only' : other.frame[place] === byte ? 'same' : 'other' };
  });
  return {
    bytes,
    headers: headers.map((header): MarkedHeader => {
      const place = placeOf(header.at);
      const pair = other.headers.find(({ name, at }) => name === header.name && at === place);
      const fields = header.fields.map((field, i): MarkedField => {
        const value = pair?.fields[i]?.value;
        return { ...field, other: value === field.value ? undefined : value };
      });
      return { ...header, isOnly: pair === undefined, fields };
    }),
  };
}

/** What lies between two frames, one line for each field that differs and each header that only one of them has. */
export interface FrameChange {
  /** Offset in the frame as sent, or as received for what was taken away. */
  readonly at: number;
  readonly bytes: number;
  readonly header: string;
  /** Null: the whole header was added or taken away. */
  readonly field: string | null;
  /** Null: it was not there. */
  readonly from: string | null;
  readonly to: string | null;
}

export function frameChanges({ before, after }: { before: MarkedFrame; after: MarkedFrame }): readonly FrameChange[] {
  const changes: FrameChange[] = [];
  for (const { name, isOnly, at, bytes } of before.headers) {
    if (isOnly) changes.push({ at, bytes, header: name, field: null, from: summary(before, at), to: null });
  }
  for (const { name, isOnly, at, bytes, fields } of after.headers) {
    if (isOnly) changes.push({ at, bytes, header: name, field: null, from: null, to: summary(after, at) });
    for (const field of fields) {
      if (field.other === undefined) continue;
      changes.push({ ...field, header: name, field: field.name, from: field.other, to: field.value });
    }
  }
  return changes;
}

/** What a whole header is for: from and to, where it has those. */
function summary({ headers }: MarkedFrame, at: number): string {
  const { fields, bytes } = headers.find((header) => header.at === at)!;
  const value = (name: string): string | undefined => fields.find((field) => field.name === name)?.value;
  const [source, destination] = [value('source'), value('destination')];
  if (source !== undefined && destination !== undefined) return `${source} > ${destination}`;
  return value('protocol type') ?? `${bytes} bytes`;
}
