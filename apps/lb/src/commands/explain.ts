import type { Command } from 'commander';
import { loadOrFetchConfiguration, writeWarnings } from '../configuration.js';
import { explainFlow } from '../explain/explain-flow.js';
import { explainText } from '../explain/explain-text.js';
import { formatFlow, parseFlow } from '../explain/flow.js';
import { addConfigOptions, type ConfigOptions } from '../options.js';
import { type Streams, writeJson } from '../streams.js';

interface Options extends ConfigOptions {
  readonly socket?: string;
  readonly json?: true;
}

export function addExplain(program: Command, streams: Streams): void {
  addConfigOptions(
    program
      .command('explain')
      .summary('show where one flow goes, and why')
      .description(
        'Sends the first packet of a flow through the stages of the balancer and shows what each of them found: the VIP, the hash, the bucket, the server, and the packet before and after.',
      )
      .argument('<flow>', "'<src>:<port> > <dst>:<port>/<tcp|udp>', or '<src> > <dst>/icmp'; IPv6 in brackets"),
  )
    .option('--socket <path>', 'the configuration of the daemon with this control socket, instead of files')
    .option('--json', 'print everything as JSON')
    .addHelpText(
      'after',
      "\nExample:\n  lb explain --exec site.lb '198.51.100.10:40000 > 90.1.2.1:80/tcp'\n  lb explain --exec site.lb '[2001:db8::1]:1234 > [2004::1]:53/udp' --json",
    )
    .action((text: string, options: Options) => runExplain(text, options, streams));
}

async function runExplain(text: string, options: Options, { stdout, stderr }: Streams): Promise<void> {
  const flow = parseFlow(text);
  const { config, warnings } = await loadOrFetchConfiguration(options);
  const explanation = explainFlow(config, flow);
  if (options.json) writeJson(stdout, explanation);
  else stdout.write(explainText(explanation, formatFlow(flow)));
  writeWarnings(stderr, 'explain', warnings);
}
