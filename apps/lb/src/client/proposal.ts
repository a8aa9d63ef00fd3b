import type { Config, Plan } from '@lb/control';
import type { LbClient } from '@lb/control/client';
import { loadConfigFile } from '@lb/control/load-file';
import type { Warning } from '../configuration.js';
import { cliError } from '../errors.js';
import { placing, readCommandLines } from './command-lines.js';

/** What a configuration is to become. */
export type Proposal =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'lines'; readonly file: string; readonly lines: readonly string[] }
  | { readonly kind: 'revision'; readonly revision: number };

export interface ProposalOptions {
  /** YAML or command lines. */
  readonly file?: string;
  readonly config?: string;
  readonly exec?: string;
  readonly revision?: number;
}

/** A file is a configuration in YAML if its name says so, else command lines; `-` is standard input. */
function optionOfFile(file: string): ProposalOptions {
  return /\.ya?ml$/i.test(file) ? { config: file } : { exec: file };
}

/** What of a change there is to tell. */
export interface Outcome {
  /** Number of the revision that serves now. */
  readonly revision: number;
  /** Text of `show` lines. */
  readonly output: string;
  readonly warnings: readonly Warning[];
}

/** @throws LbError LB_CLI_USAGE unless the options name one thing; ConfigError for a file that is wrong */
export async function readProposal(options: ProposalOptions, words: string): Promise<Proposal> {
  const { file, config, exec, revision } = options;
  const given = [file, config, exec, revision].filter((option) => option !== undefined);
  if (given.length !== 1) {
    throw cliError(
      'LB_CLI_USAGE',
      `${given.length === 0 ? 'nothing says' : 'more than one thing says'} what to change`,
      `give ${words}`,
    );
  }
  if (file !== undefined) return readProposal(optionOfFile(file), words);
  if (config !== undefined) return { kind: 'config', config: (await loadConfigFile(config)).config };
  if (revision !== undefined) return { kind: 'revision', revision };
  const { name, lines } = await readCommandLines(exec!);
  return { kind: 'lines', file: name, lines };
}

/** What a proposal would change, as the daemon sees it now. */
export async function planOf(client: LbClient, proposal: Proposal): Promise<Plan> {
  return (await inFile(proposal, () => client.plan(planned(proposal)))) as Plan;
}

function planned(proposal: Proposal) {
  if (proposal.kind === 'config') return { config: proposal.config };
  if (proposal.kind === 'revision') return { revision: proposal.revision };
  return { lines: [...proposal.lines] };
}

/** Makes it so, unless the current revision is another than `ifMatch` by then. */
export async function carryOut(
  client: LbClient,
  proposal: Proposal,
  ifMatch: number,
  note: string | undefined,
): Promise<Outcome> {
  if (proposal.kind === 'lines') {
    const options = { ifMatch, ...(note !== undefined && { note }) };
    const answer = await inFile(proposal, () => client.exec(proposal.lines, options));
    return { ...answer, warnings: answer.warnings.map((warning) => ({ file: proposal.file, ...warning })) };
  }
  const { revision, warnings } =
    proposal.kind === 'config'
      ? await client.putConfig(proposal.config, ifMatch, note)
      : await client.call('rollback', {
          params: { number: String(proposal.revision) },
          ifMatch,
          ...(note !== undefined && { query: { note } }),
        });
  return { revision: revision.number, output: '', warnings };
}

/** Problems of command lines are those of their file. */
function inFile<T>(proposal: Proposal, work: () => Promise<T>): Promise<T> {
  return placing((problem) => (proposal.kind === 'lines' ? { file: proposal.file, ...problem } : problem), work);
}
