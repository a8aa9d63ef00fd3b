import { LbError } from '@lb/core';
import { Command, CommanderError } from 'commander';
import { COMMAND_NAMES, isCommand, loadCommands } from './command-list.js';
import { cliError } from './errors.js';
import type { Streams } from './streams.js';
import { plural } from './text.js';
import { version } from './version.js';

/**
 * Runs the program.
 * @param argv words after the program's name
 * @returns the exit status: 0, or 1 after one line on stderr that says what was wrong
 */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  const name = argv.find((word) => !word.startsWith('-'));
  try {
    if (argv.length === 0) throw missingCommand();
    const program = await createProgram(name, argv, streams);
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    streams.stderr.write(`lb${isCommand(name) ? ` ${name}` : ''}: ${await failureText(error)}\n`);
    return 1;
  }
}

async function createProgram(name: string | undefined, argv: readonly string[], streams: Streams): Promise<Command> {
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
      getOutHelpWidth: () => streams.stdout.columns || 100,
    })
    .addHelpText('after', '\n`lb <command> --help` shows the options of a command and an example.');
  const versionOnly = argv.length === 1 && (argv[0] === '-V' || argv[0] === '--version');
  if (!versionOnly) for (const add of await loadCommands(name)) add(program, streams);
  return program;
}

function missingCommand(): LbError {
  const hint = 'lb --help describes them';
  return cliError('LB_CLI_USAGE', `a command is missing: one of ${COMMAND_NAMES.join(', ')}`, hint);
}

/** One line, whatever was thrown. */
async function failureText(error: unknown): Promise<string> {
  // Not needed, and not loaded, while all goes well.
  const { ConfigError, errorText } = await import('@lb/control');
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
