import type { Command } from 'commander';
import { Backend } from '../backend/backend.js';
import {
  type BackendOptions,
  listOf,
  readDscp,
  readInterface,
  readLocal,
  readSource,
  readSpec,
  readVip,
  tapOption,
} from '../backend/options.js';
import { type BackendReport, reportText } from '../backend/report.js';
import { serviceNotifier } from '../daemon/notify.js';
import { wholeNumber } from '../options.js';
import { abortOnSignals } from '../signals.js';
import { type Streams, type TextOutput, writeJson } from '../streams.js';

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
    .addOption(listOf('--vip <prefix...>', 'destinations that are given to this host', readVip))
    .addOption(listOf('--dscp <n=address...>', 'L3DSR: the DSCP value (1 to 63) that stands for a VIP', readDscp))
    .addOption(
      listOf('--local <address...>', 'where the balancer sends to, if not the addresses of the interface', readLocal),
    )
    .addOption(listOf('--from <prefix...>', 'take GRE from these sources only', readSource))
    .addOption(tapOption())
    .addOption(wholeNumber('--mss <bytes>', 'largest TCP segment that answers of an IPv4 VIP ask for', 536, 65495))
    .option('--json', 'print a line of JSON every second')
    .addHelpText('after', '\nExample:\n  lb backend --interface eth0 --vip 90.1.2.1 2001:db8::80 --dscp 3=90.0.0.7')
    .action((options: BackendOptions) => runBackend(options, streams));
}

async function runBackend(options: BackendOptions, { stdout, stderr }: Streams): Promise<void> {
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
    const notifier = serviceNotifier(process.env, (text) => stderr.write(`lb backend: warning: ${text}\n`));
    try {
      // With --json, standard output holds nothing else.
      (options.json ? stderr : stdout).write(`lb backend: ready: ${backend.describe()}\n`);
      void notifier.ready(backend.describe());
      await backend.run(end.signal);
      await notifier.stopping();
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

function write(stdout: TextOutput, { json }: BackendOptions, report: BackendReport): void {
  if (json) writeJson(stdout, report);
  else stdout.write(`lb backend: ${reportText(report)}\n`);
}
