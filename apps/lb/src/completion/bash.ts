import type { CommandSpec } from './command-spec.js';

/** A script for bash. What follows an option that takes a value, and arguments, are completed as files. */
export function bashCompletion(program: CommandSpec): string {
  return `# Completion of ${program.name} for bash.
_${program.name}() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} names= options= values= depth=1
${levelOf(program, 1, '  ')}
  COMPREPLY=()
  if [[ " $values " == *" $before "* ]]; then return; fi
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif ((COMP_CWORD == depth)); then
    COMPREPLY=($(compgen -W "$names" -- "$word"))
  fi
}
complete -o default -F _${program.name} ${program.name}
`;
}

/** Sets what may follow a command, and where its name is followed by that of a subcommand what follows that. */
function levelOf({ options, commands }: CommandSpec, depth: number, indent: string): string {
  const lines = [
    `names="${commands.map(({ name }) => name).join(' ')}"`,
    `options="${options.map(({ long }) => long).join(' ')}"`,
    `values="${options.flatMap(({ long, takesValue }) => (takesValue ? [long] : [])).join(' ')}"`,
    ...(commands.length === 0 ? ['depth=0'] : [`depth=${depth}`]),
  ].map((line) => indent + line);
  if (commands.length === 0) return lines.join('\n');
  const cases = commands.map((command) => {
    const body = levelOf(command, depth + 1, `${indent}      `);
    return `${indent}    ${command.name})\n${body}\n${indent}      ;;`;
  });
  return [
    ...lines,
    `${indent}if ((COMP_CWORD > ${depth})); then`,
    `${indent}  case \${COMP_WORDS[${depth}]} in`,
    ...cases,
    `${indent}  esac`,
    `${indent}fi`,
  ].join('\n');
}
