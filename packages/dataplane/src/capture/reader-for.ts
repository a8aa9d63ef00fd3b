import type { LbError } from '@lb/core';
import type { ByteInput } from './byte-input.js';
import type { CaptureReader } from './capture-reader.js';
import { captureError } from './errors.js';
import { PCAP_MAGIC_MICROSECONDS, PCAP_MAGIC_MODIFIED, PCAP_MAGIC_NANOSECONDS } from './pcap-format.js';
import { PcapReader } from './pcap-reader.js';
import { BLOCK_SECTION } from './pcapng-format.js';
import { PcapngReader } from './pcapng-reader.js';

/** First bytes (hex) of compressed files, and the command that prints such a file decompressed. */
const COMPRESSED = [
  { magic: '1f8b', name: 'gzip', command: 'gzip -dc' },
  { magic: '28b52ffd', name: 'zstd', command: 'zstd -dc' },
  { magic: 'fd377a58', name: 'xz', command: 'xz -dc' },
  { magic: '425a68', name: 'bzip2', command: 'bzip2 -dc' },
  { magic: '04224d18', name: 'lz4', command: 'lz4 -dc' },
] as const;

const PCAP_MAGICS: readonly number[] = [PCAP_MAGIC_MICROSECONDS, PCAP_MAGIC_NANOSECONDS];

/** All first words of accepted files, read big-endian. */
const FIRST_WORDS = [BLOCK_SECTION, ...PCAP_MAGICS, ...PCAP_MAGICS.map(swapped)];

/**
 * The reader for what a source begins with.
 * @throws LbError LB_CAP_NOT_A_CAPTURE, LB_CAP_COMPRESSED, LB_CAP_VERSION, LB_CAP_TRUNCATED or LB_CAP_BLOCK_LENGTH
 */
export function readerFor(source: ByteInput): CaptureReader {
  if (source.available(4) < 4) throw tooShort(source);
  const first = source.view.getUint32(source.position, false);
  if (first === BLOCK_SECTION) return new PcapngReader(source);
  if (PCAP_MAGICS.includes(first)) return new PcapReader(source, false);
  if (PCAP_MAGICS.includes(swapped(first))) return new PcapReader(source, true);
  throw notACapture(source, first);
}

function notACapture(source: ByteInput, first: number): LbError {
  const hex = firstBytesHex(source);
  for (const { magic, name, command } of COMPRESSED) {
    if (!hex.startsWith(magic)) continue;
    return captureError(
      'LB_CAP_COMPRESSED',
      `${source.name}: the file is compressed with ${name}; a plain pcap or pcapng file is needed`,
      `Decompress it first, or pipe it in: ${command} FILE, with - as the input file.`,
    );
  }
  const modified = first === PCAP_MAGIC_MODIFIED || swapped(first) === PCAP_MAGIC_MODIFIED;
  return captureError(
    'LB_CAP_NOT_A_CAPTURE',
    `${source.name}: the file begins with the bytes ${hex}, which is neither pcap nor pcapng`,
    modified
      ? 'It is a "modified" pcap: editcap -F pcapng converts it.'
      : 'Captures come from tcpdump -w or Wireshark.',
  );
}

/** A file too short to hold a magic number: cut off when it begins like one (an empty file does), else something else. */
function tooShort(source: ByteInput): LbError {
  const hex = firstBytesHex(source);
  if (!FIRST_WORDS.some((word) => word.toString(16).padStart(8, '0').startsWith(hex))) return notACapture(source, 0);
  const have = hex.length / 2;
  return captureError(
    'LB_CAP_TRUNCATED',
    have === 0
      ? `${source.name}: the file is empty; a pcap or pcapng file is needed`
      : `${source.name}: record 1 (byte offset 0): the file ends after ${have} of the 4 bytes of the magic number`,
  );
}

function firstBytesHex(source: ByteInput): string {
  const count = Math.min(4, source.available(4));
  const first = source.bytes.subarray(source.position, source.position + count);
  return Array.from(first, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function swapped(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
