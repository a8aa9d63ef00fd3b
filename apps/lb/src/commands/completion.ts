import { Command } from 'commander';
import type { AddCommands } from '../add-commands.js';
import { bashCompletion } from '../completion/bash.js';
import { type CommandSpec, specOf } from '../completion/command-spec.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';
import { cliError } from '../errors.js';
import { orList } from '../options.js';
import type { Streams } from '../streams.js';

const SHELLS: Readonly<Record<string, (program: CommandSpec) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Adds `completion`. @param loadAll loads all commands, this one included */
export function completionOf(loadAll: () => Promise<AddCommands[]>): AddCommands {
  return (program, streams) => {
    program
      .command('completion')
      .summary('print a script that lets a shell complete commands and options')
      .description('Prints a script that lets bash, zsh or fish complete commands and options.')
      .argument('<shell>', orList(Object.keys(SHELLS)))
      .addHelpText('after', '\nExample:\n  lb completion bash > /etc/bash_completion.d/lb')
      .action((shell: string) => runCompletion(shell, loadAll, streams));
  };
}

async function runCompletion(shell: string, loadAll: () => Promise<AddCommands[]>, streams: Streams): Promise<void> {
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (script === undefined) {
    throw cliError('LB_CLI_USAGE', `the shell must be ${orList(Object.keys(SHELLS))}, got '${shell}'`);
  }
  const program = new Command('lb');
  for (const add of await loadAll()) add(program, streams);
  streams.stdout.write(script(specOf(program)));
}
