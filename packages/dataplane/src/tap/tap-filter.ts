import { type Address, type Prefix, prefixMask } from '@lb/core';
import { rawWords } from '../flows/flow-view.js';
import { rawPort } from '../image/port-hash.js';
import { type ReasonName, reasonCode, VERDICT_NAMES } from '../verdicts.js';
import { workerError } from '../worker/errors.js';
import { F, MAX_SNAP_BYTES, MIN_SNAP_BYTES, Wants } from './tap-layout.js';

export type VerdictName = (typeof VERDICT_NAMES)[number];

/** Which packets are wanted: those for which all of it holds. What is absent does not matter. */
export interface TapFilter {
  readonly vipSlot?: number;
  /** Address of the AS that the packet goes to. */
  readonly as?: Address;
  /** Holds source or destination, as received; of an ICMP error, those of the packet it is about, turned round. */
  readonly host?: Prefix;
  /** Source or destination port, as received. */
  readonly port?: number;
  /** IP protocol number. */
  readonly protocol?: number;
  readonly verdicts?: readonly VerdictName[];
  /** Why it was dropped or left to the kernel. */
  readonly reason?: ReasonName;
  /** Of the packets for which all of that holds, one in so many of each worker, from the first on. Default 1: all. */
  readonly oneIn?: number;
  /** Bytes kept of a packet, 64 to 2048, which is the default. */
  readonly snapBytes?: number;
  /** Most packets of all workers together, from 1. Default: no limit. */
  readonly packets?: number;
}

const ALL_VERDICTS = (1 << VERDICT_NAMES.length) - 1;
const MAX_PACKETS = 0x7fffffff;

/**
 * The filter in words, see {@link F}.
 * @throws LbError LB_WORKER_OPTIONS
 */
export function filterWords(filter: TapFilter): Int32Array {
  const { vipSlot, as, host, port, protocol, verdicts, reason, packets } = filter;
  const { oneIn = 1, snapBytes = MAX_SNAP_BYTES } = filter;
  check('oneIn', oneIn, 1, MAX_PACKETS);
  check('snapBytes', snapBytes, MIN_SNAP_BYTES, MAX_SNAP_BYTES);
  if (packets !== undefined) check('packets', packets, 1, MAX_PACKETS);
  if (port !== undefined) check('port', port, 0, 65_535);
  if (protocol !== undefined) check('protocol', protocol, 0, 255);
  const words = new Int32Array(F.WORDS);
  const want = (bit: Wants, at: F, value: number): void => {
    words[F.WANTS] |= bit;
    words[at] = value;
  };
  if (vipSlot !== undefined) want(Wants.VIP, F.VIP, vipSlot);
  if (protocol !== undefined) want(Wants.PROTOCOL, F.PROTOCOL, protocol);
  if (port !== undefined) want(Wants.PORT, F.PORT, rawPort(port));
  if (reason !== undefined) want(Wants.REASON, F.REASON, reasonCode(reason));
  if (as !== undefined) {
    words[F.WANTS] |= Wants.AS;
    words.set(rawWords(as.bytes), F.AS);
  }
  if (host !== undefined) {
    const { address, length } = host;
    want(Wants.PREFIX, F.PREFIX_WORDS, address.bytes.length / 4);
    words.set(rawWords(address.bytes), F.PREFIX);
    words.set(rawWords(prefixMask(address.family, length)), F.MASK);
  }
  words[F.VERDICTS] = verdicts === undefined ? ALL_VERDICTS : verdictBits(verdicts);
  words[F.SNAP_BYTES] = snapBytes;
  words[F.LIMIT] = packets ?? 0;
  words[F.ONE_IN] = oneIn;
  return words;
}

function verdictBits(verdicts: readonly VerdictName[]): number {
  return verdicts.reduce((bits, name) => bits | (1 << VERDICT_NAMES.indexOf(name)), 0);
}

function check(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw workerError('LB_WORKER_OPTIONS', `tap: ${name} is ${value}; whole numbers from ${min} to ${max} are accepted`);
}
