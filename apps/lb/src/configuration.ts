import {
  type Accepted,
  type Config,
  type Effect,
  emptyConfig,
  type Problem,
  parseConfig,
  problemText,
} from '@lb/control';
import { loadConfigFile, loadExecFile } from '@lb/control/load-file';
import { type ClientOptions, withClient } from './client/connect.js';
import { cliError } from './errors.js';
import type { ConfigOptions } from './options.js';
import type { TextOutput } from './streams.js';

export interface Loaded {
  readonly config: Config;
  /** What the command lines ask for beside the configuration, in their order. */
  readonly effects: readonly Effect[];
  readonly warnings: readonly Problem[];
}

/** A long list of warnings says no more than its beginning. */
const WARNINGS_SHOWN = 10;

/**
 * Reads what the options name: the YAML first, then the command lines on top of it.
 * @throws LbError LB_CLI_NO_CONFIG when they name nothing; ConfigError for what is wrong in a file
 */
export async function loadConfiguration(options: ConfigOptions): Promise<Loaded> {
  const { config, exec } = options;
  if (config === undefined && exec === undefined) {
    const hint = 'give command lines with --exec FILE, YAML with --config FILE, or both';
    throw cliError('LB_CLI_NO_CONFIG', 'there is no configuration', hint);
  }
  const base = withChoices(
    config === undefined ? { config: emptyConfig(), warnings: [] } : await loadConfigFile(config),
    options,
  );
  return exec === undefined ? { ...base, effects: [] } : loadExecFile(exec, base.config);
}

/** Whether a daemon is to answer as it is: not with files, nor with its configuration changed by options. */
export function asServed(options: ConfigOptions & ClientOptions): boolean {
  const { socket, url, config, exec, flowHash, table } = options;
  if (socket === undefined && url === undefined) return false;
  return [config, exec, flowHash, table].every((option) => option === undefined);
}

/** The same, or with `socket` or `url` the configuration of the daemon there. */
export async function loadOrFetchConfiguration(options: ConfigOptions & ClientOptions): Promise<Loaded> {
  const { config, exec, socket, url } = options;
  if (socket === undefined && url === undefined) return loadConfiguration(options);
  if (config !== undefined || exec !== undefined) {
    throw cliError('LB_CLI_USAGE', 'the configuration is either that of files or that of a daemon, not of both');
  }
  const { config: running } = await withClient(options, (client) => client.config());
  return { ...withChoices({ config: running, warnings: [] }, options), warnings: [], effects: [] };
}

/** Options win over the file. The warnings follow, since they depend on how tables are filled. */
function withChoices(accepted: Accepted, { flowHash, table }: ConfigOptions): Accepted {
  if (flowHash === undefined && table === undefined) return accepted;
  const choices = { ...(flowHash && { flowHash }), ...(table && { table }) };
  return parseConfig({ ...accepted.config, ...choices });
}

/** A warning of the configuration, or of another part of the program in the same form. */
export type Warning = Omit<Problem, 'code'> & { readonly code: string };

/** Tells of warnings, once the command has done its work. */
export function writeWarnings(stderr: TextOutput, command: string, warnings: readonly Warning[]): void {
  for (const warning of warnings.slice(0, WARNINGS_SHOWN)) {
    stderr.write(`lb ${command}: warning: ${problemText(warning as Problem)}\n`);
  }
  const more = warnings.length - WARNINGS_SHOWN;
  if (more > 0) stderr.write(`lb ${command}: and ${more} more ${more === 1 ? 'warning' : 'warnings'}\n`);
}
