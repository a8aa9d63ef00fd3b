import { fileURLToPath } from 'node:url';
import { type Config, emptyConfig } from '@lb/control';
import type { ListenerOptions } from '@lb/control/api';
import { type Command, Option } from 'commander';
import { loadConfiguration, writeWarnings } from '../configuration.js';
import { type InterfaceOption, parseCpuList, parseInterfaceOption } from '../daemon/interface-option.js';
import { openState } from '../daemon/live-state.js';
import { createLog } from '../daemon/log.js';
import { defaultSocketPath } from '../daemon/socket-path.js';
import { STAGES_OPTIONS, type StagesOption } from '../daemon/stages.js';
import { cliError } from '../errors.js';
import { addConfigOptions, type ConfigOptions, choice, seconds, wholeNumber } from '../options.js';
import { LineDisplay } from '../serve/line-display.js';
import { LiveDisplay } from '../serve/live-display.js';
import { QuietDisplay } from '../serve/quiet-display.js';
import { type ServeOptions, serve } from '../serve/serve.js';
import type { Streams } from '../streams.js';
import { durationText, exactText, plural } from '../text.js';
import { sumOf } from '../verdict-report.js';

interface Options extends ConfigOptions {
  readonly interface?: readonly InterfaceOption[];
  readonly workers: number;
  readonly cpu?: readonly number[];
  readonly stages: StagesOption;
  readonly socket?: string;
  readonly state?: string;
  readonly watch?: true;
  readonly listen?: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly rate: number;
  readonly flows: number;
  readonly packetSize: number;
  readonly duration?: number;
  readonly plain?: true;
}

const SAMPLE = fileURLToPath(new URL('../../sample/sample.lb', import.meta.url));

export function addServe(program: Command, streams: Streams): void {
  addConfigOptions(
    program
      .command('serve')
      .summary('run the balancer')
      .description(
        'Runs the balancer on network interfaces, or without --interface on generated traffic: with a live view on a terminal and a line a second elsewhere, and without privileges. Without a configuration that runs a sample with a VIP of each encapsulation. Commands such as `lb show lb vip` reach it through its control socket. Ctrl-C ends it.',
      ),
  )
    .addOption(
      new Option(
        '--interface <name[=kind]>',
        'serve this interface; may be repeated. kind: af_xdp (default, if it works), af_packet, tap',
      ).argParser((text: string, before: readonly InterfaceOption[] = []) => [...before, parseInterfaceOption(text)]),
    )
    .addOption(wholeNumber('--workers <n>', 'worker threads', 1, 64).default(1))
    .option('--cpu <list>', 'CPUs of the workers, as in 2,4-7', parseCpuList)
    .addOption(
      choice('--stages <kind>', 'whose stages handle packets; auto: native where the library is built', [
        ...STAGES_OPTIONS,
      ]).default('auto'),
    )
    .option('--socket <path>', `control socket (default: $LB_SOCKET, or ${defaultSocketPath({})})`)
    .option('--state <dir>', 'keep revisions, tokens and the audit log there: they outlive the daemon')
    .option('--watch', 'take over edits of the file of --config or --exec, each as a revision')
    .option(
      '--listen <address:port>',
      'serve the API there, too, to holders of a token; may be repeated. Beyond this machine it needs TLS',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--tls-cert <file>', 'certificate of --listen, in PEM form')
    .option('--tls-key <file>', 'its key')
    .addOption(wholeNumber('--rate <n>', 'generated packets per second', 1000, 100_000_000).default(200_000))
    .addOption(wholeNumber('--flows <n>', 'generated flows', 1, 16_000_000).default(20_000))
    .addOption(wholeNumber('--packet-size <bytes>', 'size on the wire, check sequence included', 64, 1518).default(64))
    .addOption(seconds('--duration <seconds>', 'end after this time', 0.1, 1e9))
    .option('--plain', 'a line a second on a terminal as well')
    .addHelpText(
      'after',
      '\nExample:\n  lb serve --exec site.lb --rate 1000000 --workers 2\n  sudo lb serve --config site.yaml --interface eth0 --interface eth1=af_packet',
    )
    .action((options: Options) => runServe(options, streams));
}

async function runServe(options: Options, { stdout, stderr }: Streams): Promise<void> {
  const { workers, cpu, socket, rate, flows, packetSize, duration } = options;
  const store = await openState(options.state, createLog(stderr, 'warn'));
  // What is kept is served, with its interfaces and listeners.
  const kept = store?.latest()?.config;
  const load = () => configurationOf(options, options.interface === undefined);
  let refused: Error | undefined;
  const { config, warnings, title } = await load().catch(async (error: Error) => {
    // A file that is half written must not keep the balancer from serving what it has served.
    if (kept !== undefined && options.state !== undefined) {
      refused = error;
      return { config: kept, warnings: [], title: `the state in ${options.state}` };
    }
    await store?.close();
    throw error;
  });
  const served = kept ?? config;
  const interfaces = interfacesOf(options, served);
  const embedded = interfaces.length === 0;
  const live = embedded && stdout.isTTY === true && process.env.TERM !== 'dumb' && !options.plain;
  if (embedded) writeWarnings(stderr, 'serve', warnings);
  const settings: ServeOptions = {
    config,
    title,
    warnings: embedded ? [] : warnings,
    workers,
    interfaces,
    traffic: { rate, flows, packetSize },
    ...(cpu && { cpus: cpu }),
    stages: options.stages,
    ...(duration !== undefined && { duration }),
    socket: socket ?? defaultSocketPath(),
    // A newcomer's second daemon is no mistake.
    socketOptional: embedded && socket === undefined,
    listeners: listenersOf(options, served),
    ...(store && { store }),
    fromFile: options.config !== undefined || options.exec !== undefined,
    ...(refused && { refused: { error: refused, again: async () => (await load()).config } }),
    ...(options.state !== undefined && { stateDir: options.state }),
    ...(options.watch && { watch: watchedFile(options) }),
    log: createLog(stderr, live ? 'silent' : embedded ? 'warn' : 'info'),
  };
  const { seconds: ran, last } = await serve(settings, (quit) => {
    if (live) return new LiveDisplay(stdout, process.stdin, quit);
    return embedded ? new LineDisplay(stdout) : new QuietDisplay(stdout);
  });
  const { packets, forwarded, punted, dropped } = last.verdicts;
  const parts = [
    `${exactText(forwarded)} forwarded`,
    `${exactText(punted)} punted`,
    `${exactText(sumOf(dropped))} dropped`,
  ].join(', ');
  stdout.write(`lb serve: ended after ${durationText(ran)}: ${plural(packets, 'packet')}, ${parts}\n`);
}

/** Those of the options, then those of the configuration. */
function listenersOf({ listen = [], tlsCert, tlsKey }: Options, { listeners }: Config): readonly ListenerOptions[] {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw cliError('LB_CLI_USAGE', '--tls-cert and --tls-key belong together');
  }
  const tls = tlsCert !== undefined && tlsKey !== undefined ? { tls: { cert: tlsCert, key: tlsKey } } : {};
  return [...listen.map((address) => ({ address, ...tls })), ...listeners];
}

function watchedFile({ config, exec }: Options): string {
  const files = [config, exec].filter((file) => file !== undefined);
  if (files.length === 1) return files[0]!;
  throw cliError('LB_CLI_USAGE', '--watch needs one file to watch: that of --config or that of --exec');
}

/** Interfaces of the command line, or those of the configuration. */
function interfacesOf({ interface: named }: Options, { interfaces }: Config): readonly InterfaceOption[] {
  if (named !== undefined) return named;
  return interfaces.map(({ name, kind }) => parseInterfaceOption(kind === undefined ? name : `${name}=${kind}`));
}

/** What the options name; else a sample for generated traffic, and nothing, yet, for interfaces. */
async function configurationOf(options: Options, embedded: boolean) {
  const files = [options.config, options.exec].filter((file) => file !== undefined);
  if (files.length > 0) return { ...(await loadConfiguration(options)), title: files.join(' and ') };
  if (!embedded) return { config: emptyConfig(), warnings: [], title: 'empty configuration' };
  return { ...(await loadConfiguration({ ...options, exec: SAMPLE })), title: 'sample configuration' };
}
