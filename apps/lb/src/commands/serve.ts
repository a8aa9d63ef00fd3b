import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { loadConfiguration, writeWarnings } from '../configuration.js';
import { cliError } from '../errors.js';
import { addConfigOptions, type ConfigOptions, seconds, wholeNumber } from '../options.js';
import { LineDisplay } from '../serve/line-display.js';
import { LiveDisplay } from '../serve/live-display.js';
import { serve } from '../serve/serve.js';
import type { Streams } from '../streams.js';
import { durationText, exactText, plural } from '../text.js';
import { sumOf } from '../verdict-report.js';

interface Options extends ConfigOptions {
  readonly workers: number;
  readonly rate: number;
  readonly flows: number;
  readonly packetSize: number;
  readonly duration?: number;
  readonly plain?: true;
}

const SAMPLE = fileURLToPath(new URL('../../sample/sample.lb', import.meta.url));
/** Of the design, but not of this version. */
const NOT_YET = ['--interface <name>', '--socket <path>', '--listen <address>', '--state <dir>'];

export function addServe(program: Command, streams: Streams): void {
  const command = addConfigOptions(
    program
      .command('serve')
      .summary('run the balancer, with a live view')
      .description(
        'Runs the balancer on generated traffic for the VIPs of the configuration, with a live view on a terminal and a line a second elsewhere. It needs no privileges. Without a configuration it runs a sample with a VIP of each encapsulation. Ctrl-C ends it.',
      ),
  )
    .addOption(wholeNumber('--workers <n>', 'worker threads', 1, 64).default(1))
    .addOption(wholeNumber('--rate <n>', 'generated packets per second', 1000, 100_000_000).default(200_000))
    .addOption(wholeNumber('--flows <n>', 'generated flows', 1, 16_000_000).default(20_000))
    .addOption(wholeNumber('--packet-size <bytes>', 'size on the wire, check sequence included', 64, 1518).default(64))
    .addOption(seconds('--duration <seconds>', 'end after this time', 0.1, 1e9))
    .option('--plain', 'a line a second on a terminal as well')
    .addHelpText('after', '\nExample:\n  lb serve --exec site.lb --rate 1000000 --workers 2')
    .action((options: Options) => runServe(options, streams));
  for (const flags of NOT_YET) command.addOption(notYet(flags));
}

function notYet(flags: string): Option {
  return new Option(flags).hideHelp().argParser(() => {
    const name = flags.split(' ')[0];
    throw cliError('LB_CLI_NOT_YET', `${name} is not available yet: this version balances generated traffic only`);
  });
}

async function runServe(options: Options, { stdout, stderr }: Streams): Promise<void> {
  const own = options.config !== undefined || options.exec !== undefined;
  const { config, warnings } = await loadConfiguration(own ? options : { ...options, exec: SAMPLE });
  writeWarnings(stderr, 'serve', warnings);
  const title = own ? [options.config, options.exec].filter(Boolean).join(' and ') : 'sample configuration';
  const live = stdout.isTTY === true && process.env.TERM !== 'dumb' && !options.plain;
  const { seconds: ran, last } = await serve({ ...options, config, title }, (quit) =>
    live ? new LiveDisplay(stdout, process.stdin, quit) : new LineDisplay(stdout),
  );
  const { packets, forwarded, punted, dropped } = last.verdicts;
  const parts = [
    `${exactText(forwarded)} forwarded`,
    `${exactText(punted)} punted`,
    `${exactText(sumOf(dropped))} dropped`,
  ].join(', ');
  stdout.write(`lb serve: ended after ${durationText(ran)}: ${plural(packets, 'packet')}, ${parts}\n`);
}
