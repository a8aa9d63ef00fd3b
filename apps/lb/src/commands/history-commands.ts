import { type Column, type PlanChange, tableLines } from '@lb/control';
import type { ApiRevisionMeta, LbClient } from '@lb/control/client';
import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { readWholeNumber, wholeNumber } from '../options.js';
import { type Streams, writeJson, writeLines } from '../streams.js';
import { momentText } from '../text.js';

interface Options extends ClientOptions {
  readonly json?: true;
}

interface HistoryOptions extends Options {
  readonly limit: number;
  readonly before?: number;
}

const MAX_REVISION = 999_999_999;
const COLUMNS: readonly Column[] = [
  { title: 'REVISION', align: 'right' },
  { title: 'TIME', align: 'left' },
  { title: 'AUTHOR', align: 'left' },
  { title: 'NOTE', align: 'left' },
];
const SIGNS = { remove: '-', change: '~', add: '+' } as const;

/** Adds `history` and `diff`. */
export function addHistoryCommands(program: Command, streams: Streams): void {
  const history = program
    .command('history')
    .summary('list the revisions of the configuration')
    .description('Lists the revisions of the configuration, the newest first: that is the one that serves.')
    .addOption(wholeNumber('--limit <n>', 'how many', 1, 1000).default(20))
    .addOption(wholeNumber('--before <n>', 'only those below this number', 1, MAX_REVISION));
  addClientOptions(history)
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample:\n  lb history --limit 5')
    .action((options: HistoryOptions) => runHistory(options, streams));

  const diff = program
    .command('diff')
    .summary('show what lies between two revisions')
    .description('Shows what changed from one revision to another.')
    .argument('[from]', 'revision; by default the one before the last')
    .argument('[to]', 'revision; by default the last');
  addClientOptions(diff)
    .option('--json', 'print the changes as JSON')
    .addHelpText('after', '\nExample:\n  lb diff 16 18')
    .action((from: string | undefined, to: string | undefined, options: Options) =>
      runDiff(from, to, options, streams),
    );
}

async function runHistory({ limit, before, ...options }: HistoryOptions, { stdout }: Streams): Promise<void> {
  const revisions = await withClient(options, (client) => revisionsOf(client, limit, before));
  if (options.json) {
    writeJson(stdout, revisions);
    return;
  }
  const rows = revisions.map(({ number, time, author, note }) => [
    String(number),
    momentText(time),
    author,
    oneLine(note),
  ]);
  writeLines(stdout, tableLines(COLUMNS, rows));
}

async function runDiff(
  from: string | undefined,
  to: string | undefined,
  options: Options,
  { stdout }: Streams,
): Promise<void> {
  const [first, second] = [from, to].map((text) =>
    text === undefined ? undefined : readWholeNumber('a revision', text, 1, MAX_REVISION),
  );
  const changes = await withClient(options, async (client) => {
    const [last, previous = last] = await revisionsOf(client, 2);
    const numbers = { from: String(first ?? previous!.number), to: String(second ?? last!.number) };
    return (await client.call('diffRevisions', { params: numbers })).changes as readonly PlanChange[];
  });
  if (options.json) writeJson(stdout, changes);
  else writeLines(stdout, changes.length === 0 ? ['no difference'] : changes.map(changeLine));
}

async function revisionsOf(client: LbClient, limit: number, before?: number): Promise<readonly ApiRevisionMeta[]> {
  const query = { limit: String(limit), ...(before !== undefined && { before: String(before) }) };
  return (await client.call('listRevisions', { query })).revisions;
}

function changeLine({ kind, text }: PlanChange): string {
  return `${SIGNS[kind]} ${text}`;
}

function oneLine(note: string): string {
  return note.replace(/\s+/g, ' ');
}
