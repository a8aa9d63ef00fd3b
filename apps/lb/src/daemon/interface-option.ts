import { didYouMean } from '@lb/control';
import { cliError } from '../errors.js';
import { orList } from '../options.js';

export const INTERFACE_KINDS = ['af_xdp', 'af_packet', 'tap'] as const;
export type InterfaceKind = (typeof INTERFACE_KINDS)[number];

/** An interface to serve; without a kind, the best that works. */
export interface InterfaceOption {
  readonly name: string;
  readonly kind?: InterfaceKind;
}

/** Reads `NAME[=KIND]`. @throws LbError LB_CLI_USAGE */
export function parseInterfaceOption(text: string): InterfaceOption {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  if (!/^[^\s/:]{1,128}$/.test(name)) {
    throw cliError('LB_CLI_USAGE', `--interface must be NAME or NAME=KIND, got '${text}'`);
  }
  if (equals < 0) return { name };
  const kind = text.slice(equals + 1);
  if (isKind(kind)) return { name, kind };
  const accepted = `the kind of --interface must be ${orList(INTERFACE_KINDS)}, got '${kind}'`;
  throw cliError('LB_CLI_USAGE', accepted, didYouMean(kind, INTERFACE_KINDS));
}

function isKind(text: string): text is InterfaceKind {
  return (INTERFACE_KINDS as readonly string[]).includes(text);
}

const MAX_CPU = 4095;

/** Reads a list of CPUs such as `2,4-7`. @throws LbError LB_CLI_USAGE */
export function parseCpuList(text: string): number[] {
  const cpus = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (!(from <= to && to <= MAX_CPU)) {
      throw cliError('LB_CLI_USAGE', `--cpu must be a list of CPUs such as 2,4-7, got '${text}'`);
    }
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  return cpus;
}
