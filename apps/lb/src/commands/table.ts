import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { asServed, loadOrFetchConfiguration, writeWarnings } from '../configuration.js';
import { addConfigOptions, type ConfigOptions, choice, wholeNumber } from '../options.js';
import { type Streams, writeJson } from '../streams.js';
import { findVip } from '../table/find-vip.js';
import { liveTable } from '../table/live-table.js';
import { reportTable } from '../table/table-report.js';
import { bucketLines, tableText } from '../table/table-text.js';

interface Options extends ConfigOptions, ClientOptions {
  readonly port?: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly buckets?: true;
  readonly json?: true;
}

export function addTable(program: Command, streams: Streams): void {
  const command = addConfigOptions(
    program
      .command('table')
      .summary('show how the buckets of a VIP are spread over its servers')
      .description(
        'Shows the new-flow table of a VIP: the share of each application server, and which bucket is whose.',
      )
      .argument('<prefix>', 'the VIP, as in 90.0.0.0/8')
      .addOption(wholeNumber('--port <n>', 'the VIP with this port, when the prefix has several', 1, 65535))
      .addOption(choice('--protocol <name>', 'the VIP for this protocol, likewise', ['tcp', 'udp'])),
  );
  addClientOptions(command, 'the table of the daemon with this control socket, instead of that of files')
    .option('--buckets', 'list every bucket on a line of its own')
    .option('--json', 'print everything as JSON')
    .addHelpText('after', '\nExample:\n  lb table --exec site.lb 90.1.2.1/32 --port 3306')
    .action((prefix: string, options: Options) => runTable(prefix, options, streams));
}

async function runTable(prefix: string, options: Options, { stdout, stderr }: Streams): Promise<void> {
  const { config, warnings } = await loadOrFetchConfiguration(options);
  const vip = findVip(config, { prefix, ...options });
  const report = asServed(options)
    ? await withClient(options, (client) => liveTable(client, vip))
    : reportTable(config, vip);
  if (options.json) writeJson(stdout, report);
  else stdout.write(options.buckets ? bucketLines(report) : tableText(report, config, vip));
  writeWarnings(stderr, 'table', warnings);
}
