import { formatCount } from '../ui/index.js';
import type { MarkedFrame } from './compare-frames.js';

const BYTES_OF_LINE = 16;
/** All headers and more; the rest of a jumbo packet is data. */
const MOST_BYTES = 2048;

/** The bytes of a frame, 16 a line with their offset; what differs from the other frame is marked, and a pointer names fields. */
export function HexDump({ label, frame }: { readonly label: string; readonly frame: MarkedFrame }) {
  const bytes = frame.bytes.slice(0, MOST_BYTES);
  const names = fieldNames(frame, bytes.length);
  const lines = Array.from({ length: Math.ceil(bytes.length / BYTES_OF_LINE) }, (_, i) => i * BYTES_OF_LINE);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may be wider than its panel, and keys scroll it */}
      <pre className="hex" role="img" aria-label={label} tabIndex={0}>
        {lines.map((from) => (
          <div key={from}>
            <span className="muted">{from.toString(16).padStart(4, '0')} </span>
            {bytes.slice(from, from + BYTES_OF_LINE).map(({ hex, mark }, i) => (
              <span key={i} title={names[from + i]}>
                {i % 8 === 0 ? '  ' : ' '}
                {mark === 'same' ? hex : <mark className={`byte-${mark}`}>{hex}</mark>}
              </span>
            ))}
          </div>
        ))}
      </pre>
      {frame.bytes.length > MOST_BYTES && (
        <p className="muted">and {formatCount(frame.bytes.length - MOST_BYTES)} bytes more</p>
      )}
    </>
  );
}

/** What each byte is: `30: IPv4 destination`. */
function fieldNames({ headers }: MarkedFrame, length: number): readonly string[] {
  const names = Array.from({ length }, (_, at) => `${at}`);
  for (const header of headers) {
    for (let at = header.at; at < Math.min(length, header.at + header.bytes); at++) {
      const fields = header.fields.filter((field) => at >= field.at && at < field.at + field.bytes);
      names[at] = `${at}: ${[header.name, fields.map(({ name }) => name).join(', ')].join(' ').trim()}`;
    }
  }
  return names;
}
