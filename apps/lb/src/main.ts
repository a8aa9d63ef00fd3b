import { readFileSync } from 'node:fs';
import { ConfigError, errorText } from '@lb/control';
import { LbError } from '@lb/core';
import { Command, CommanderError } from 'commander';
import { addBackend } from './commands/backend.js';
import { addBench } from './commands/bench.js';
import { addControlCommands } from './commands/control-commands.js';
import { addExplain } from './commands/explain.js';
import { addReplay } from './commands/replay.js';
import { addServe } from './commands/serve.js';
import { addTable } from './commands/table.js';
import { cliError } from './errors.js';
import type { Streams } from './streams.js';
import { plural } from './text.js';

/**
 * Runs the program.
 * @param argv words after the program's name
 * @returns the exit status: 0, or 1 after one line on stderr that says what was wrong
 */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  const program = createProgram(streams);
  try {
    if (argv.length === 0) throw missingCommand(program);
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const name = argv.find((word) => !word.startsWith('-'));
    const known = program.commands.some((command) => command.name() === name);
    streams.stderr.write(`lb${known ? ` ${name}` : ''}: ${failureText(error)}\n`);
    return 1;
  }
}

function createProgram(streams: Streams): Command {
  const program = new Command('lb')
    .description('A Maglev load balancer for layer 4.')
    .version(version(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      // Errors become one line of our own, in main.
      writeErr: () => {},
      getOutHelpWidth: () => streams.stdout.columns ?? 100,
    })
    .addHelpText('after', '\n`lb <command> --help` shows the options of a command and an example.');
  for (const add of [addServe, addReplay, addTable, addExplain, addBench, addBackend, addControlCommands]) {
    add(program, streams);
  }
  return program;
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function missingCommand(program: Command): LbError {
  const names = program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name())
    .filter((name) => name !== 'help')
    .join(', ');
  return cliError('LB_CLI_USAGE', `a command is missing: one of ${names}`, 'lb --help describes them');
}

/** One line, whatever was thrown. */
function failureText(error: unknown): string {
  if (error instanceof CommanderError) return errorText(usageError(error));
  if (error instanceof ConfigError && error.problems.length > 1) {
    return `${errorText(error)} and ${plural(error.problems.length - 1, 'more problem')}`;
  }
  if (error instanceof LbError) return errorText(error);
  const text = error instanceof Error ? error.message : String(error);
  const stack = process.env.LB_DEBUG === undefined || !(error instanceof Error) ? '' : `\n${error.stack}`;
  const hint = stack === '' ? 'LB_DEBUG=1 shows where it happened' : undefined;
  return errorText(cliError('LB_CLI_BUG', text.replaceAll('\n', ' '), hint)) + stack;
}

/** Commander's message as ours: "error: unknown option '--exce'\n(Did you mean --exec?)". */
function usageError(error: CommanderError): LbError {
  if (error.code === 'commander.help') return cliError('LB_CLI_USAGE', 'no such command', 'lb --help lists them');
  const [first = '', ...rest] = error.message.split('\n');
  const suggestion = /[(]Did you mean (.*)[?][)]/.exec(rest.join(' '))?.[1];
  const hint = suggestion === undefined ? undefined : `did you mean ${suggestion}?`;
  return cliError('LB_CLI_USAGE', first.replace(/^error: /, ''), hint);
}
