import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { asServed, loadOrFetchConfiguration, writeWarnings } from '../configuration.js';
import { explainFlow } from '../explain/explain-flow.js';
import { explainText } from '../explain/explain-text.js';
import type { Explanation } from '../explain/explanation.js';
import { type Flow, formatFlow, parseFlow } from '../explain/flow.js';
import { addConfigOptions, type ConfigOptions } from '../options.js';
import { type Streams, writeJson } from '../streams.js';

interface Options extends ConfigOptions, ClientOptions {
  readonly json?: true;
}

export function addExplain(program: Command, streams: Streams): void {
  const command = addConfigOptions(
    program
      .command('explain')
      .summary('show where one flow goes, and why')
      .description(
        'Sends the first packet of a flow through the stages of the balancer and shows what each of them found: the VIP, the hash, the bucket, the server, and the packet before and after.',
      )
      .argument('<flow>', "'<src>:<port> > <dst>:<port>/<tcp|udp>', or '<src> > <dst>/icmp'; IPv6 in brackets"),
  );
  addClientOptions(command, 'ask the daemon with this control socket, instead of files')
    .option('--json', 'print everything as JSON')
    .addHelpText(
      'after',
      "\nExample:\n  lb explain --exec site.lb '198.51.100.10:40000 > 90.1.2.1:80/tcp'\n  lb explain --exec site.lb '[2001:db8::1]:1234 > [2004::1]:53/udp' --json",
    )
    .action((text: string, options: Options) => runExplain(text, options, streams));
}

async function runExplain(text: string, options: Options, { stdout, stderr }: Streams): Promise<void> {
  const flow = parseFlow(text);
  const { explanation, warnings } = asServed(options)
    ? { explanation: await askDaemon(options, formatFlow(flow)), warnings: [] }
    : await explainHere(options, flow);
  if (options.json) writeJson(stdout, explanation);
  else stdout.write(explainText(explanation, formatFlow(flow)));
  writeWarnings(stderr, 'explain', warnings);
}

/** With the weights of the moment, which only the daemon knows. */
function askDaemon(options: ClientOptions, flow: string): Promise<Explanation> {
  return withClient(options, async (client) => {
    const answer = await client.call('explain', { query: { flow } });
    return answer as unknown as Explanation;
  });
}

async function explainHere(options: Options, flow: Flow) {
  const { config, warnings } = await loadOrFetchConfiguration(options);
  return { explanation: explainFlow(config, flow), warnings };
}
