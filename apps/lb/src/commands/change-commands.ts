import { type Plan, planText } from '@lb/control';
import type { Command } from 'commander';
import { confirm } from '../client/confirm.js';
import { addClientOptions, type ClientOptions, withClient } from '../client/connect.js';
import { type Flush, flushesOf, flushText } from '../client/flushes.js';
import {
  carryOut,
  type Outcome,
  type Proposal,
  type ProposalOptions,
  planOf,
  readProposal,
} from '../client/proposal.js';
import { writeWarnings } from '../configuration.js';
import { readWholeNumber, wholeNumber } from '../options.js';
import { type Streams, type TextOutput, writeJson } from '../streams.js';

interface PlanOptions extends ClientOptions, ProposalOptions {
  readonly json?: true;
}

interface ChangeOptions extends PlanOptions {
  readonly note?: string;
  readonly ifRevision?: number;
  readonly yes?: true;
}

const MAX_REVISION = 999_999_999;
const USUAL_WIDTH = 80;

/** Adds `plan`, `apply` and `rollback`. */
export function addChangeCommands(program: Command, streams: Streams): void {
  const plan = proposalOptions(program.command('plan'))
    .summary('show what a configuration would change, without applying it')
    .description(
      'Shows what a configuration in YAML, command lines or an earlier revision would change in the running balancer: which settings, how many buckets of each VIP move, and which established flows are cut. Nothing is applied.',
    )
    .addOption(wholeNumber('--revision <n>', 'what a rollback to this revision would change', 1, MAX_REVISION));
  addClientOptions(plan)
    .option('--json', 'print everything as JSON')
    .addHelpText('after', "\nExample:\n  lb plan site.yaml\n  echo 'lb as 90.0.0.0/8 10.0.0.2 drain' | lb plan -")
    .action((file: string | undefined, options: PlanOptions) => runPlan(withFile(file, options), streams));

  const apply = proposalOptions(program.command('apply'))
    .summary('take over a configuration, as a new revision')
    .description(
      'Makes a configuration in YAML the one of the running balancer, or carries out command lines: as a whole or not at all. Shows first what it changes, and on a terminal asks.',
    );
  changeOptions(apply)
    .addHelpText('after', '\nExample:\n  lb apply site.yaml --note "two more servers"')
    .action(async (file: string | undefined, options: ChangeOptions) => {
      const proposal = await readProposal(withFile(file, options), 'a FILE');
      await runChange('apply', proposal, options, streams);
    });

  const rollback = program
    .command('rollback')
    .summary('go back to the configuration of an earlier revision')
    .description(
      'Makes the configuration of an earlier revision the current one again, as a new revision. Shows first what it changes, and on a terminal asks.',
    )
    .argument('<revision>', 'its number; lb history lists them');
  changeOptions(rollback)
    .addHelpText('after', '\nExample:\n  lb rollback 17')
    .action(async (number: string, options: ChangeOptions) => {
      const revision = readWholeNumber('the revision', number, 1, MAX_REVISION);
      await runChange('rollback', { kind: 'revision', revision }, options, streams);
    });
}

function proposalOptions(command: Command): Command {
  return command
    .argument('[file]', 'a whole configuration in YAML (.yaml, .yml), else command lines; - for standard input')
    .option('--config <file>', 'a whole configuration in YAML, whatever it is called')
    .option('--exec <file>', 'command lines for the configuration there is, likewise');
}

function withFile<T extends ProposalOptions>(file: string | undefined, options: T): T {
  return file === undefined ? options : { ...options, file };
}

function changeOptions(command: Command): Command {
  command
    .option('--note <text>', 'why, for the history')
    .addOption(wholeNumber('--if-revision <n>', 'refuse unless this is the current revision', 1, MAX_REVISION))
    .option('--yes', 'do not ask');
  return addClientOptions(command).option('--json', 'print plan, revision and warnings as JSON');
}

async function runPlan(options: PlanOptions, { stdout }: Streams): Promise<void> {
  const proposal = await readProposal(options, 'a FILE or --revision N');
  const plan = await withClient(options, (client) => planOf(client, proposal));
  const flushes = flushesOf(proposal);
  if (options.json) writeJson(stdout, { ...plan, flushes });
  else stdout.write(planText(plan, widthOf(stdout)) + flushText(flushes));
}

/** Shows the plan, has it agreed to, and carries it out unless somebody else has changed something meanwhile. */
async function runChange(name: string, proposal: Proposal, options: ChangeOptions, streams: Streams): Promise<void> {
  await withClient(options, async (client) => {
    const ifMatch = options.ifRevision ?? (await client.config()).revision;
    const plan = await planOf(client, proposal);
    const flushes = flushesOf(proposal);
    if (!options.json) streams.stdout.write(planText(plan, widthOf(streams.stdout)) + flushText(flushes));
    const asks = !options.yes && (changesSomething(plan) || flushes.length > 0);
    if (asks) await confirm(`Apply this on top of revision ${ifMatch}?`);
    tell(name, { ...plan, flushes }, await carryOut(client, proposal, ifMatch, options.note), options, streams);
  });
}

/** Of a terminal; it may not know, and then says 0. */
function widthOf({ columns }: TextOutput): number {
  return columns || USUAL_WIDTH;
}

function changesSomething({ changes, vips }: Plan): boolean {
  return changes.length > 0 || vips.length > 0;
}

function tell(
  name: string,
  plan: Plan & { readonly flushes: readonly Flush[] },
  { revision, output, warnings }: Outcome,
  { json }: ChangeOptions,
  { stdout, stderr }: Streams,
): void {
  if (json) {
    writeJson(stdout, { revision, plan, warnings });
    return;
  }
  stdout.write(`${output}${changesSomething(plan) ? '\n' : ''}revision ${revision}\n`);
  writeWarnings(stderr, name, warnings);
}
