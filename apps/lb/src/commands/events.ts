import type { LbClient, LbEvent } from '@lb/control/client';
import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { wholeNumber } from '../options.js';
import { abortOnSignals } from '../signals.js';
import { type Streams, type TextOutput, writeJson } from '../streams.js';
import { momentText } from '../text.js';

interface Options extends ClientOptions {
  readonly follow?: true;
  readonly after?: number;
  readonly limit: number;
  readonly json?: true;
}

export function addEvents(program: Command, streams: Streams): void {
  const events = program
    .command('events')
    .summary('show what happened: revisions, health, weights, drains, workers, interfaces')
    .description('Shows what happened, the oldest first: revisions, health, weights, drains, workers, interfaces.')
    .option('--follow', 'go on with what happens from now on, until Ctrl-C')
    .addOption(wholeNumber('--after <id>', 'only events later than this one', 0, Number.MAX_SAFE_INTEGER))
    .addOption(wholeNumber('--limit <n>', 'how many, of those there are already', 1, 5000).default(50));
  addClientOptions(events)
    .option('--json', 'print a line of JSON for each event')
    .addHelpText('after', '\nExample:\n  lb events --follow')
    .action((options: Options) => runEvents(options, streams));
}

async function runEvents(options: Options, { stdout, stderr }: Streams): Promise<void> {
  const { after, limit, json } = options;
  await withClient(options, async (client) => {
    const query = { limit: String(limit), ...(after !== undefined && { after: String(after) }) };
    const { events, missed } = await client.call('listEvents', { query });
    if (missed) stderr.write(MISSED);
    for (const event of events as readonly LbEvent[]) write(stdout, event, json);
    if (options.follow) await follow(client, events.at(-1)?.id ?? after, json, { stdout, stderr });
  });
}

const MISSED = 'lb events: earlier events have been forgotten by the daemon\n';

async function follow(
  client: LbClient,
  after: number | undefined,
  json: true | undefined,
  { stdout, stderr }: Streams,
): Promise<void> {
  const signals = abortOnSignals();
  try {
    for await (const item of client.stream({ ...(after !== undefined && { after }), signal: signals.signal })) {
      if (item.type === 'event') write(stdout, item.event, json);
      else if (item.type === 'missed') stderr.write(MISSED);
      else if (item.type === 'lost') stderr.write(`lb events: the daemon is out of reach: ${item.reason}\n`);
    }
  } finally {
    signals.release();
  }
}

function write(stdout: TextOutput, event: LbEvent, json: true | undefined): void {
  if (json) writeJson(stdout, event);
  else stdout.write(`${momentText(event.at)}  ${event.level.padEnd(5)}  ${event.text}\n`);
}
