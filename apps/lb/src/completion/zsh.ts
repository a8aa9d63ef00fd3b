import type { CommandSpec, OptionSpec } from './command-spec.js';

/** A script for zsh, to be sourced or put into a folder of $fpath as `_lb`. */
export function zshCompletion(program: CommandSpec): string {
  const { name } = program;
  return `#compdef ${name}
# Completion of ${name} for zsh.
_${name}() {
${levelOf(program, '  ')}
}
if [ "$funcstack[1]" = "_${name}" ]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

/** What may follow a command; `words` begins with its name. */
function levelOf({ options, commands }: CommandSpec, indent: string): string {
  const args = options.map((option) => ` ${argumentOf(option)}`).join('');
  if (commands.length === 0) return `${indent}_arguments${args} '*:file:_files'`;
  const list = commands.map(({ name, summary }) => ` ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}`).join('');
  const cases = commands.map((command) => {
    return `${indent}  ${command.name})\n${levelOf(command, `${indent}    `)}\n${indent}    ;;`;
  });
  return [
    `${indent}local -a commands`,
    `${indent}if ((CURRENT == 2)); then`,
    `${indent}  commands=(${list.trimStart()})`,
    `${indent}  _describe command commands`,
    `${indent}  _arguments${args}`,
    `${indent}  return`,
    `${indent}fi`,
    `${indent}shift words`,
    `${indent}((CURRENT--))`,
    `${indent}case $words[1] in`,
    ...cases,
    `${indent}esac`,
  ].join('\n');
}

function argumentOf({ long, description, takesValue }: OptionSpec): string {
  const text = description.replace(/[[\]\\:]/g, (char) => `\\${char}`);
  return quoted(`${long}[${text}]${takesValue ? ':value:_files' : ''}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
