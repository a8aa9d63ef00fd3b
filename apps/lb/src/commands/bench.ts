import type { Command } from 'commander';
import { buildText, engineText, floodText, lifetimeText, publishText } from '../bench/bench-text.js';
import { benchBuild } from '../bench/build-bench.js';
import { benchEngines } from '../bench/engine-bench.js';
import type { EngineCase } from '../bench/engine-case.js';
import { benchFlood } from '../bench/flood-bench.js';
import { benchLifetimes } from '../bench/lifetime-bench.js';
import { benchPublish } from '../bench/publish-bench.js';
import { type Figure, machine } from '../bench/statistics.js';
import { ENCAPS, VIP_TYPES, type VipType, vipTypeOf } from '../bench/vip-types.js';
import { chooseStages, STAGES_OPTIONS, type StagesOption } from '../daemon/stages.js';
import { choice, seconds, wholeNumber } from '../options.js';
import { type Streams, writeJson, writeLines } from '../streams.js';

interface Options {
  readonly encap?: string;
  readonly flows?: number;
  readonly packetSize: number;
  readonly vipPort: number;
  readonly protocol: EngineCase['protocol'];
  readonly stages: StagesOption;
  readonly suite?: true;
  readonly seconds: number;
  readonly build?: true;
  readonly publish?: true;
  readonly flood?: true;
  readonly lifetimes?: true;
  readonly servers: number;
  readonly bucketsLog2: number;
  readonly json?: true;
}

const ALL_FLOWS = [1_000, 1_000_000];
const SUITE_FLOWS = [1, 1_000, 65_536, 1_000_000, 4_000_000];
const SUITE_SIZES = [64, 512, 1518];
/** NAT has them anyway. */
const SUITE_PORTS = [0, 443];
const SAID_FLOWS = 1_000_000;
/** An eighth of what a million entries would be, which says the same. */
const LIFETIME_ENTRIES = 1 << 17;

export function addBench(program: Command, streams: Streams): void {
  program
    .command('bench')
    .summary('measure the engine alone, on one core')
    .description(
      'Measures the engine alone, on one core, with generated packets: millions of packets a second, without the time that the generator takes. Where the native library is built, beside each the limit (of UDP): the same work in plain C and a copy of the frames, in turns with the engine. Cases take turns. Without --encap: every VIP type, with 1,000 and with 1,000,000 flows.',
    )
    .addOption(choice('--encap <type>', 'measure one VIP type', [...ENCAPS, ...VIP_TYPES]))
    .addOption(wholeNumber('--flows <n>', 'flows that take turns (with --encap: 1000000)', 1, 16_000_000))
    .addOption(wholeNumber('--packet-size <bytes>', 'size on the wire, check sequence included', 64, 1518).default(64))
    .addOption(
      wholeNumber('--vip-port <n>', 'port of the VIP, 0 for a VIP of all ports (NAT: 80 then)', 0, 65535).default(0),
    )
    .addOption(choice('--protocol <name>', 'of the packets', ['udp', 'tcp']).default('udp'))
    .addOption(seconds('--seconds <n>', 'time to measure each case', 0.1, 3600).default(2))
    .addOption(
      choice('--stages <kind>', 'whose stages; auto: native where the library is built', [...STAGES_OPTIONS]).default(
        'auto',
      ),
    )
    .option('--suite', 'every VIP type or that of --encap, with 1 to 4,000,000 flows and packets of 64 to 1518 bytes')
    .option(
      '--flood',
      'measure a flood of SYNs instead: what packets cost with a table that has room and with a full one',
    )
    .option('--lifetimes', 'measure how full short connections and a flood of SYNs make a flow table instead')
    .option('--build', 'measure the building of new-flow tables instead')
    .option('--publish', 'measure what a change of the image costs a worker instead')
    .addOption(wholeNumber('--servers <n>', 'servers of the table that is built', 1, 65_535).default(1000))
    .addOption(wholeNumber('--buckets-log2 <n>', 'its buckets: two to the power of this', 4, 24).default(16))
    .option('--json', 'print a line of JSON for each figure')
    .addHelpText('after', '\nExample:\n  lb bench --encap gre4 --flows 1000000 --json')
    .action((options: Options) => runBench(options, streams));
}

async function runBench(options: Options, { stdout, stderr }: Streams): Promise<void> {
  if (options.build) {
    const figures = benchBuild(options.servers, 2 ** options.bucketsLog2);
    write(figures, buildText(figures));
    return;
  }
  if (options.publish) {
    const changed = await benchPublish(options.servers, 2 ** options.bucketsLog2);
    write([changed], publishText(changed));
    return;
  }
  const onStep = (text: string) => {
    if (stderr.isTTY) stderr.write(`\r${text}\x1b[K`);
  };
  if (options.flood) {
    const figures = await benchFlood(stagesOf(options), options.seconds, onStep);
    if (stderr.isTTY) stderr.write('\r\x1b[K');
    write(figures, floodText(figures));
    return;
  }
  if (options.lifetimes) {
    const figures = benchLifetimes(stagesOf(options), LIFETIME_ENTRIES, onStep);
    if (stderr.isTTY) stderr.write('\r\x1b[K');
    write(figures, lifetimeText(figures));
    return;
  }
  const atOnce = options.json ? (one: Figure) => writeJson(stdout, { ...one, ...machine() }) : undefined;
  const figures = await benchEngines(casesOf(options), options.seconds, onStep, atOnce);
  if (stderr.isTTY) stderr.write('\r\x1b[K');
  if (!options.json) write(figures, engineText(figures));

  function write(measured: readonly Figure[], lines: readonly string[]): void {
    if (options.json) for (const one of measured) writeJson(stdout, { ...one, ...machine() });
    else writeLines(stdout, [...lines, '', `${machine().machine}, Node.js ${machine().node}`]);
  }
}

function stagesOf(options: Options): EngineCase['stages'] {
  return chooseStages(options.stages).native ? 'native' : 'typescript';
}

function casesOf(options: Options): EngineCase[] {
  const { encap, flows, packetSize, vipPort: port, protocol } = options;
  const stages = stagesOf(options);
  const types = encap === undefined ? VIP_TYPES : [vipTypeOf(encap)];
  const counts = flows !== undefined ? [flows] : encap === undefined ? ALL_FLOWS : [SAID_FLOWS];
  if (options.suite) return suiteOf(types, stages, protocol);
  return types.flatMap((type) => counts.map((count) => ({ type, flows: count, packetSize, port, protocol, stages })));
}

/** All sizes with a million flows, where the memory is the bottleneck; all numbers of flows with the smallest packets. */
function suiteOf(
  types: readonly VipType[],
  stages: EngineCase['stages'],
  protocol: EngineCase['protocol'],
): EngineCase[] {
  return types.flatMap((type) => {
    const ports = type.includes('nat') ? [0] : SUITE_PORTS;
    const byFlows = SUITE_FLOWS.flatMap((flows) =>
      ports.map((port) => ({ type, flows, packetSize: SUITE_SIZES[0]!, port, protocol, stages })),
    );
    const bySize = SUITE_SIZES.slice(1).flatMap((packetSize) =>
      ALL_FLOWS.map((flows) => ({ type, flows, packetSize, port: 0, protocol, stages })),
    );
    return [...byFlows, ...bySize];
  });
}
