import { type Effect, showLb, showVips, viewLb, viewVips } from '@lb/control';
import { LbError } from '@lb/core';
import type { Command } from 'commander';
import { loadConfiguration, writeWarnings } from '../configuration.js';
import { addConfigOptions, type ConfigOptions } from '../options.js';
import { Progress } from '../replay/progress.js';
import { type ReplayReport, replayCapture } from '../replay/replay-capture.js';
import { replayText, showNodeCounters } from '../replay/replay-text.js';
import { refuseSameFile } from '../replay/same-file.js';
import { type Streams, writeJson } from '../streams.js';

interface Options extends ConfigOptions {
  readonly json?: true;
}

export function addReplay(program: Command, streams: Streams): void {
  addConfigOptions(
    program
      .command('replay')
      .summary('push a capture through the balancer')
      .description(
        'Pushes a capture through the balancer, offline: OUT gets each forwarded packet as a server would get it, in order. Every packet counts as arriving on every interface that `lb set interface` names. On failure OUT stays as it was.',
      )
      .argument('<in>', 'pcap or pcapng file, - for standard input')
      .argument('<out>', 'pcap file to write, - for standard output (the report goes to standard error then)'),
  )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  lb replay in.pcap out.pcap --exec site.lb\n  tcpdump -w - -c 1000 | lb replay - out.pcap --config site.yaml --json',
    )
    .action((input: string, output: string, options: Options) => runReplay(input, output, options, streams));
}

async function runReplay(input: string, output: string, options: Options, streams: Streams): Promise<void> {
  const read = [input, options.config, options.exec].filter((path) => path !== undefined);
  refuseSameFile(output, read);
  const { config, effects, warnings } = await loadConfiguration(options);
  const progress = new Progress(streams.stderr);
  const toStdout = output === '-' || output === '/dev/stdout';
  let report: ReplayReport;
  try {
    report = await replayCapture({ input, output, config, onProgress: (position) => progress.update(position) });
  } catch (error) {
    // Whoever reads our output may stop when it likes: that is no failure.
    if (toStdout && error instanceof LbError && error.code === 'LB_CAP_PIPE_CLOSED') return;
    throw error;
  } finally {
    progress.end();
  }
  const result = toStdout ? streams.stderr : streams.stdout;
  if (options.json) writeJson(result, report);
  else result.write(replayText(report, config));
  streams.stderr.write(effects.map((effect) => answer(effect, report)).join(''));
  writeWarnings(streams.stderr, 'replay', warnings);
}

/** Answers a `show` line. Flushes have nothing to do: all lines come before the first packet. */
function answer(effect: Effect, report: ReplayReport): string {
  if (effect.kind !== 'show') return '';
  if (effect.what === 'lb') return showLb(viewLb(effect.config));
  if (effect.what === 'node-counters') return showNodeCounters(report);
  return showVips(viewVips(effect.config, report.vips), effect.verbose);
}
