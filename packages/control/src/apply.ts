import { Draft } from './draft.js';
import { ConfigError, type Problem } from './errors.js';
import type { Finding } from './finding.js';
import type { Command, ShowCommand, Source } from './grammar/command.js';
import { commandProblem } from './grammar/command-problem.js';
import type { Config } from './schema.js';
import type { VipRef } from './vip-ref.js';

/** Something the caller has to do beside taking over the new configuration, in the order of the commands. */
export type Effect =
  | { readonly kind: 'flush-vip'; readonly source: Source; readonly vip: VipRef }
  | { readonly kind: 'flush-as'; readonly source: Source; readonly vip: VipRef; readonly address: string }
  | {
      readonly kind: 'show';
      readonly source: Source;
      readonly what: ShowCommand['what'];
      readonly verbose: boolean;
      /** As it stood when the command's turn came. */
      readonly config: Config;
    };

export interface Applied {
  readonly config: Config;
  readonly effects: readonly Effect[];
  readonly warnings: readonly Problem[];
}

/**
 * Applies commands to a configuration, all or none, and without touching `config`.
 * @param now what `over` and `deadline` count from
 * @throws ConfigError for the first command that cannot be applied, with its line and column.
 */
export function applyCommands(config: Config, commands: readonly Command[], now = new Date()): Applied {
  const draft = new Draft(config, now.getTime());
  const effects: Effect[] = [];
  for (const command of commands) applyCommand(draft, command, effects);
  const last = commands.at(-1);
  if (last !== undefined) refuse(...draft.problems(last.source));
  return { config: draft.config(), effects, warnings: draft.warnings() };
}

function applyCommand(draft: Draft, command: Command, effects: Effect[]): void {
  const { source } = command;
  refuse(...change(draft, command).map((found) => commandProblem(source, found)));
  if (command.kind === 'as' && command.flush) {
    for (const address of command.addresses) effects.push({ kind: 'flush-as', source, vip: command.vip, address });
  }
  if (command.kind === 'flush-vip') effects.push({ kind: 'flush-vip', source, vip: command.vip });
  if (command.kind === 'show') {
    effects.push({ kind: 'show', source, what: command.what, verbose: command.verbose, config: draft.config() });
  }
}

function change(draft: Draft, command: Command): Finding[] {
  switch (command.kind) {
    case 'conf':
      return draft.conf(command);
    case 'interface':
      return draft.interface(command);
    case 'vip':
      return command.del ? draft.deleteVip(command) : draft.addVip(command);
    case 'set-vip':
      return draft.setVip(command);
    case 'as':
      return command.del ? draft.deleteAss(command) : draft.setAss(command);
    case 'flush-vip':
      return draft.missingVip(command.vip);
    case 'show':
      return [];
  }
}

function refuse(...problems: Problem[]): void {
  if (problems.length > 0) throw new ConfigError(problems as [Problem, ...Problem[]]);
}
