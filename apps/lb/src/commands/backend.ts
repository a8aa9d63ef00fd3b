import { LbError, type Prefix, parseAddress, parsePrefix, prefixContains, prefixEquals } from '@lb/core';
import { type Command, Option } from 'commander';
import { Backend } from '../backend/backend.js';
import type { BackendSpec, DscpVip, ReceiveInterface } from '../backend/backend-spec.js';
import { backendError } from '../backend/errors.js';
import { type BackendReport, reportText } from '../backend/report.js';
import { cliError } from '../errors.js';
import { wholeNumber } from '../options.js';
import { abortOnSignals } from '../signals.js';
import { type Streams, type TextOutput, writeJson } from '../streams.js';

interface Options {
  readonly interface: readonly ReceiveInterface[];
  readonly vip?: readonly Prefix[];
  readonly dscp?: readonly DscpVip[];
  readonly local?: readonly BackendAddress[];
  readonly from?: readonly Prefix[];
  readonly tap: string;
  readonly mss?: number;
  readonly json?: true;
}
type BackendAddress = DscpVip['vip'];

export function addBackend(program: Command, streams: Streams): void {
  program
    .command('backend')
    .summary('run on an application server: give balanced traffic to its programs')
    .description(
      'Takes GRE and L3DSR traffic of a balancer off an interface and gives it to this host through a TAP interface, with the VIP as destination, so that an unmodified server answers to the client directly. Needs root. Ctrl-C ends it and takes back what it set up.',
    )
    .addOption(
      listOf(
        '--interface <name...>',
        'where the traffic arrives: NAME or NAME=af_xdp',
        readInterface,
      ).makeOptionMandatory(),
    )
    .addOption(listOf('--vip <prefix...>', 'destinations that are given to this host', vipPrefix))
    .addOption(listOf('--dscp <n=address...>', 'L3DSR: the DSCP value (1 to 63) that stands for a VIP', readDscp))
    .addOption(
      listOf('--local <address...>', 'where the balancer sends to, if not the addresses of the interface', (text) =>
        named('--local', () => parseAddress(text)),
      ),
    )
    .addOption(
      listOf('--from <prefix...>', 'take GRE from these sources only', (text) =>
        named('--from', () => parsePrefix(text)),
      ),
    )
    .addOption(new Option('--tap <name>', 'name of the TAP interface').argParser(readTap).default('lb-backend'))
    .addOption(wholeNumber('--mss <bytes>', 'largest TCP segment that answers of an IPv4 VIP ask for', 536, 65495))
    .option('--json', 'print a line of JSON every second')
    .addHelpText('after', '\nExample:\n  lb backend --interface eth0 --vip 90.1.2.1 2001:db8::80 --dscp 3=90.0.0.7')
    .action((options: Options) => runBackend(options, streams));
}

async function runBackend(options: Options, { stdout, stderr }: Streams): Promise<void> {
  const signals = abortOnSignals();
  const end = new AbortController();
  signals.signal.addEventListener('abort', () => end.abort());
  try {
    const backend = new Backend(readSpec(options));
    const show = (): void => write(stdout, options, backend.report());
    let failure: unknown;
    const everySecond = setInterval(() => {
      try {
        backend.follow();
        if (options.json) show();
      } catch (error) {
        failure = error;
        end.abort();
      }
    }, 1000);
    process.on('SIGUSR1', show);
    try {
      // With --json, standard output holds nothing else.
      (options.json ? stderr : stdout).write(`lb backend: ready: ${backend.describe()}\n`);
      await backend.run(end.signal);
      show();
    } finally {
      clearInterval(everySecond);
      process.off('SIGUSR1', show);
      backend.close();
    }
    if (failure !== undefined) throw failure;
  } finally {
    signals.release();
  }
}

function write(stdout: TextOutput, { json }: Options, report: BackendReport): void {
  if (json) writeJson(stdout, report);
  else stdout.write(`lb backend: ${reportText(report)}\n`);
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
}: Options): BackendSpec {
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
function listOf<T>(flags: string, description: string, read: (text: string) => T): Option {
  return new Option(flags, description).argParser((text: string, before: readonly T[] | undefined) => [
    ...(before ?? []),
    read(text),
  ]);
}

function readInterface(text: string): ReceiveInterface {
  const [name = '', kind = 'af_packet', ...more] = text.split('=');
  if (/^[^\s/"]{1,15}$/.test(name) && more.length === 0 && (kind === 'af_packet' || kind === 'af_xdp')) {
    return { name, kind };
  }
  throw cliError('LB_CLI_USAGE', `--interface must be NAME, NAME=af_packet or NAME=af_xdp, got '${text}'`);
}

function vipPrefix(text: string): Prefix {
  const prefix = named('--vip', () => parsePrefix(text));
  if (prefix.length > 0) return prefix;
  throw cliError('LB_CLI_USAGE', `--vip: '${text}' is every address: a prefix length of at least 1 is needed`);
}

function readDscp(text: string): DscpVip {
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

function readTap(text: string): string {
  if (/^[A-Za-z0-9_.-]{1,15}$/.test(text) && !text.startsWith('.')) return text;
  throw cliError('LB_CLI_USAGE', `--tap must be 1 to 15 letters, digits, '-', '_' or '.', got '${text}'`);
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
