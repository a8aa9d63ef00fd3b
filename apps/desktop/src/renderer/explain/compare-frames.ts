import type { ExplainedFrame, ExplainedHeader } from './explanation.js';

/** A byte of a frame and how it relates to the other frame. */
export interface MarkedByte {
  readonly hex: string;
  /** `other`: it is in neither way the same; `only`: the other frame has nothing at its place. */
  readonly mark: 'same' | 'other' | 'only';
}

/** A header with its fields, and how it relates to those of the other frame. */
export interface MarkedHeader {
  readonly header: string;
  /** The other frame has no such header. */
  readonly isOnly: boolean;
  readonly fields: readonly { readonly name: string; readonly value: string; readonly isOther: boolean }[];
}

export interface MarkedFrame {
  readonly bytes: readonly MarkedByte[];
  readonly headers: readonly MarkedHeader[];
}

/** Headers are put before the packet, behind Ethernet. */
const ETHERNET_BYTES = 14;

/** Both frames with what the balancer changed, added and took away marked. */
export function compareFrames(
  before: ExplainedFrame,
  after: ExplainedFrame,
): { before: MarkedFrame; after: MarkedFrame } {
  return {
    before: { bytes: markBytes(before, after), headers: markHeaders(before.headers, after.headers) },
    after: { bytes: markBytes(after, before), headers: markHeaders(after.headers, before.headers) },
  };
}

/** Bytes without anything to compare with. */
export function plainFrame(frame: ExplainedFrame): MarkedFrame {
  return { bytes: markBytes(frame, frame), headers: markHeaders(frame.headers, frame.headers) };
}

/** Ethernet lies on Ethernet; behind it frames of different length are put together by their ends. */
function markBytes(frame: ExplainedFrame, other: ExplainedFrame): MarkedByte[] {
  const mine = bytesOf(frame.hex);
  const others = bytesOf(other.hex);
  const longer = mine.length - others.length;
  return mine.map((hex, at) => {
    const otherAt = at < ETHERNET_BYTES ? at : at - longer;
    if (at >= ETHERNET_BYTES && otherAt < ETHERNET_BYTES) return { hex, mark: 'only' };
    return { hex, mark: others[otherAt] === hex ? 'same' : 'other' };
  });
}

function bytesOf(hex: string): string[] {
  return hex.match(/../g) ?? [];
}

/** Ethernet is compared with Ethernet; of the others the last with the last, and so on. */
function markHeaders(headers: readonly ExplainedHeader[], others: readonly ExplainedHeader[]): MarkedHeader[] {
  const longer = headers.length - others.length;
  return headers.map(({ header, fields }, i) => {
    const at = i === 0 ? 0 : i - longer;
    const match = i > 0 && at <= 0 ? undefined : others[at];
    const pair = match?.header === header ? match : undefined;
    return {
      header,
      isOnly: pair === undefined,
      fields: Object.entries(fields).map(([name, value]) => ({
        name,
        value: String(value),
        isOther: pair !== undefined && pair.fields[name] !== value,
      })),
    };
  });
}
