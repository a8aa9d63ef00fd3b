import { type Address, LbError, type Prefix, parseAddress, parsePrefix, prefixContains, prefixEquals } from '@lb/core';
import { Option } from 'commander';
import { cliError } from '../errors.js';
import type { BackendSpec, DscpVip, ReceiveInterface } from './backend-spec.js';
import { backendError } from './errors.js';

/** What the command line of `lb backend` says. */
export interface BackendOptions {
  readonly interface: readonly ReceiveInterface[];
  readonly vip?: readonly Prefix[];
  readonly dscp?: readonly DscpVip[];
  readonly local?: readonly Address[];
  readonly from?: readonly Prefix[];
  readonly tap: string;
  readonly mss?: number;
  readonly json?: true;
}

/** @throws LbError LB_BACKEND_VIP, LB_CLI_USAGE */
export function readSpec({
  interface: interfaces,
  vip = [],
  dscp = [],
  local,
  from = [],
  tap,
  mss,
}: BackendOptions): BackendSpec {
  const several = dscp.find((entry, i) => dscp.findIndex((other) => other.dscp === entry.dscp) < i);
  if (several !== undefined) throw cliError('LB_CLI_USAGE', `--dscp gives ${several.dscp} twice`);
  const vips = [...vip];
  // The VIPs of --dscp need no --vip.
  for (const { vip: address } of dscp) {
    if (!vips.some((prefix) => prefixContains(prefix, address))) vips.push({ address, length: 32 });
  }
  if (vips.length === 0) throw backendError('LB_BACKEND_VIP', 'no VIP is given', 'use --vip, or --dscp for L3DSR');
  return { interfaces: uniqueNames(interfaces), vips: unique(vips), dscp, local, from: unique(from), tap, mss };
}

function unique(prefixes: readonly Prefix[]): Prefix[] {
  return prefixes.filter((prefix, i) => prefixes.findIndex((other) => prefixEquals(prefix, other)) === i);
}

function uniqueNames(interfaces: readonly ReceiveInterface[]): readonly ReceiveInterface[] {
  const twice = interfaces.find(({ name }, i) => interfaces.findIndex((other) => other.name === name) < i);
  if (twice !== undefined) throw cliError('LB_CLI_USAGE', `--interface gives ${twice.name} twice`);
  return interfaces;
}

/** An option that may be given several times, and takes several values each time. */
export function listOf<T>(flags: string, description: string, read: (text: string) => T): Option {
  return new Option(flags, description).argParser((text: string, before: readonly T[] | undefined) => [
    ...(before ?? []),
    read(text),
  ]);
}

export function readInterface(text: string): ReceiveInterface {
  const [name = '', kind = 'af_packet', ...more] = text.split('=');
  if (/^[^\s/"]{1,15}$/.test(name) && more.length === 0 && (kind === 'af_packet' || kind === 'af_xdp')) {
    return { name, kind };
  }
  throw cliError('LB_CLI_USAGE', `--interface must be NAME, NAME=af_packet or NAME=af_xdp, got '${text}'`);
}

export function readVip(text: string): Prefix {
  const prefix = named('--vip', () => parsePrefix(text));
  if (prefix.length > 0) return prefix;
  throw cliError('LB_CLI_USAGE', `--vip: '${text}' is every address: a prefix length of at least 1 is needed`);
}

export function readDscp(text: string): DscpVip {
  const [, number = '', address = ''] = /^(\d{1,2})=(.+)$/.exec(text) ?? [];
  const dscp = Number(number);
  if (number === '' || dscp < 1 || dscp > 63) {
    const why = dscp === 0 && number !== '' ? ': 0 is what ordinary traffic has' : '';
    throw cliError('LB_CLI_USAGE', `--dscp must be N=ADDRESS with N from 1 to 63, got '${text}'${why}`);
  }
  const vip = named('--dscp', () => parseAddress(address));
  if (vip.family === 4) return { dscp, vip };
  throw cliError('LB_CLI_USAGE', `--dscp: '${address}' is IPv6, but L3DSR is for IPv4 only`);
}

export function readLocal(text: string): Address {
  return named('--local', () => parseAddress(text));
}

export function readSource(text: string): Prefix {
  return named('--from', () => parsePrefix(text));
}

export function tapOption(): Option {
  return new Option('--tap <name>', 'name of the TAP interface').default('lb-backend').argParser((text) => {
    if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(text)) return text;
    throw cliError('LB_CLI_USAGE', `--tap must be 1 to 15 letters, digits, '-', '_' or '.', got '${text}'`);
  });
}

/** Names the option in the message of a reader that knows nothing of it. */
function named<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LbError)) throw error;
    throw cliError('LB_CLI_USAGE', `${option}: ${error.message}`, error.hint);
  }
}
