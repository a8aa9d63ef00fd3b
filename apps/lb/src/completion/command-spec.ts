import type { Command } from 'commander';

/** What of a command a shell can complete. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  readonly commands: readonly CommandSpec[];
}

export interface OptionSpec {
  /** As in `--config`. */
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
}

/** A command with its options and subcommands, as its help shows them. */
export function specOf(command: Command): CommandSpec {
  const help = command.createHelp();
  const options = help.visibleOptions(command).flatMap(({ long, description, required, optional }) => {
    return long ? [{ long, description, takesValue: required || optional }] : [];
  });
  const commands = help.visibleCommands(command).filter((inner) => inner.name() !== 'help');
  return {
    name: command.name(),
    summary: command.summary() || command.description(),
    options,
    commands: commands.map(specOf),
  };
}
