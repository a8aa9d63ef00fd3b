import { type Column, describeVip, tableLines } from '@lb/control';
import type { HealthView } from '@lb/control/client';
import type { Command } from 'commander';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { type Streams, writeJson, writeLines } from '../streams.js';
import { momentText } from '../text.js';

interface Options extends ClientOptions {
  readonly failing?: true;
  readonly json?: true;
}

const COLUMNS: readonly Column[] = ['VIP', 'AS', 'CHECK', 'HEALTH', 'SINCE', 'LAST RESULT'].map((title) => ({
  title,
  align: 'left',
}));

export function addHealth(program: Command, streams: Streams): void {
  const health = program
    .command('health')
    .summary('show the health checks and their last results')
    .description('Shows the health of each checked application server, and what its last check found.')
    .option('--failing', 'only those that fail');
  addClientOptions(health)
    .option('--json', 'print everything as JSON')
    .addHelpText('after', '\nExample:\n  lb health --failing')
    .action((options: Options) => runHealth(options, streams));
}

async function runHealth(options: Options, { stdout }: Streams): Promise<void> {
  const { checks } = await withClient(options, (client) => client.call('getHealth', {}));
  const shown = options.failing ? checks.filter(({ health }) => health === 'failing') : checks;
  if (options.json) writeJson(stdout, shown);
  else if (shown.length > 0) writeLines(stdout, tableLines(COLUMNS, shown.map(cells)));
  else writeLines(stdout, [checks.length === 0 ? 'no VIP has a health check' : 'no AS fails']);
}

function cells({ vip, address, type, health, since, lastResult, flapping }: HealthView): string[] {
  const result = lastResult === null ? 'not checked yet' : `${lastResult.reason}, ${lastResult.ms.toFixed(1)} ms`;
  const state = flapping ? `${health}, flapping` : health;
  return [describeVip(vip), address, type, state, momentText(since), result];
}
