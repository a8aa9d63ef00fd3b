import type { CommandSpec } from './command-spec.js';

/** A script for fish. */
export function fishCompletion(program: CommandSpec): string {
  const { name, options, commands } = program;
  const lines = [
    `# Completion of ${name} for fish.`,
    ...optionLines(name, '__fish_use_subcommand', options),
    ...commands.flatMap((command) => commandLines(name, command, '__fish_use_subcommand', [])),
  ];
  return `${lines.join('\n')}\n`;
}

/** The command itself, where `when` holds, then what follows it. */
function commandLines(
  program: string,
  { name, summary, options, commands }: CommandSpec,
  when: string,
  above: readonly string[],
): string[] {
  const path = [...above, name];
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
  const names = commands.map((command) => command.name).join(' ');
  const inside = commands.length === 0 ? seen : `${seen}; and not __fish_seen_subcommand_from ${names}`;
  return [
    `complete -c ${program} -n ${quoted(when)} -f -a ${name} -d ${quoted(summary)}`,
    ...optionLines(program, inside, options),
    ...commands.flatMap((command) => commandLines(program, command, inside, path)),
  ];
}

function optionLines(program: string, when: string, options: CommandSpec['options']): string[] {
  return options.map(({ long, description, takesValue }) => {
    const value = takesValue ? ' -r' : '';
    return `complete -c ${program} -n ${quoted(when)} -l ${long.slice(2)}${value} -d ${quoted(description)}`;
  });
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, (char) => `\\${char}`)}'`;
}
