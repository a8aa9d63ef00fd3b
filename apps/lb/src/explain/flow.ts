import { didYouMean } from '@lb/control';
import { type Address, formatAddress, LbError, parseAddress } from '@lb/core';
import { cliError } from '../errors.js';

export type FlowProtocol = 'tcp' | 'udp' | 'icmp';

/** A flow as the client sends it. */
export interface Flow {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: FlowProtocol;
  /** 0 for ICMP, which has none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

const FORM = "write it as '198.51.100.1:1234 > 90.1.2.1:80/tcp' or '[2001:db8::1]:1234 > [2004::1]:80/udp'";
const PROTOCOLS = ['tcp', 'udp', 'icmp'] as const;

/**
 * Reads `<src>:<port> > <dst>:<port>/<tcp|udp>`, or `<src> > <dst>/icmp` for an echo request. IPv6 addresses stand in
 * brackets.
 * @throws LbError LB_CLI_FLOW
 */
export function parseFlow(text: string): Flow {
  const sides = text.split('>');
  if (sides.length !== 2) throw flowError(`'${text}' is not a flow: it needs one '>' between source and destination`);
  const [from, to] = sides.map((side) => side.trim()) as [string, string];
  const slash = to.lastIndexOf('/');
  if (slash < 0) throw flowError(`the flow ends without its protocol: '/tcp', '/udp' or '/icmp'`);
  const protocol = protocolOf(to.slice(slash + 1).trim());
  const withPort = protocol !== 'icmp';
  const source = parseEndpoint('source', from, withPort);
  const destination = parseEndpoint('destination', to.slice(0, slash).trim(), withPort);
  if (source.address.family !== destination.address.family) {
    throw flowError('source and destination are of different address families');
  }
  return {
    source: source.address,
    destination: destination.address,
    protocol,
    sourcePort: source.port,
    destinationPort: destination.port,
  };
}

/** The flow in the form that {@link parseFlow} reads. */
export function formatFlow({ source, sourcePort, destination, destinationPort, protocol }: Flow): string {
  if (protocol === 'icmp') return `${formatAddress(source)} > ${formatAddress(destination)}/icmp`;
  return `${formatEndpoint(source, sourcePort)} > ${formatEndpoint(destination, destinationPort)}/${protocol}`;
}

function formatEndpoint(address: Address, port: number): string {
  return address.family === 4 ? `${formatAddress(address)}:${port}` : `[${formatAddress(address)}]:${port}`;
}

function protocolOf(word: string): FlowProtocol {
  const name = word.toLowerCase() === 'icmp6' ? 'icmp' : word.toLowerCase();
  const found = PROTOCOLS.find((protocol) => protocol === name);
  if (found !== undefined) return found;
  throw cliError('LB_CLI_FLOW', `the protocol must be tcp, udp or icmp, got '${word}'`, didYouMean(name, PROTOCOLS));
}

function parseEndpoint(which: string, text: string, withPort: boolean): Endpoint {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const colon = text.lastIndexOf(':');
  // Several colons without brackets are an IPv6 address: where it ends is anybody's guess.
  const bare = colon >= 0 && text.indexOf(':') === colon ? [text.slice(0, colon), text.slice(colon + 1)] : [text];
  const [host, port] = bracketed === null ? bare : [bracketed[1], bracketed[2]];
  if (!withPort && port !== undefined) throw flowError(`the ${which} '${text}' has a port, which ICMP has not`);
  const address = addressOf(which, host ?? '');
  if (!withPort) return { address, port: 0 };
  if (port === undefined) throw flowError(`the ${which} '${text}' has no port`);
  const number = /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (number <= 65535) return { address, port: number };
  throw flowError(`the port of the ${which} must be a whole number from 0 to 65535, got '${port}'`);
}

function addressOf(which: string, text: string): Address {
  try {
    return parseAddress(text);
  } catch (error) {
    if (error instanceof LbError) throw cliError('LB_CLI_FLOW', `the ${which}: ${error.message}`, error.hint);
    throw error;
  }
}

function flowError(message: string): LbError {
  return cliError('LB_CLI_FLOW', message, FORM);
}
