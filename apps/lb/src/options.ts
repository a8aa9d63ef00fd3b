import { didYouMean } from '@lb/control';
import { type Command, Option } from 'commander';
import { cliError } from './errors.js';

/** Options that say what is balanced, shared by the commands that balance something. */
export interface ConfigOptions {
  readonly config?: string;
  readonly exec?: string;
  readonly flowHash?: 'fast' | 'vpp';
  readonly table?: 'maglev' | 'vpp';
}

/** Adds --config, --exec, --flow-hash and --table. */
export function addConfigOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration in YAML')
    .option('--exec <file>', 'command lines, applied on top of --config or of the empty configuration')
    .addOption(
      choice(
        '--flow-hash <kind>',
        'how flows are hashed, instead of as configured; vpp picks the bucket that VPP picks',
        ['fast', 'vpp'],
      ),
    )
    .addOption(
      choice('--table <kind>', 'how new-flow tables are filled, likewise; vpp does it bucket for bucket as VPP', [
        'maglev',
        'vpp',
      ]),
    );
}

/** An option that takes one of a few words. */
export function choice(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, `${description} (${words.join(', ')})`).argParser((value) => {
    if (words.includes(value)) return value;
    throw cliError(
      'LB_CLI_USAGE',
      `${longFlag(flags)} must be ${orList(words)}, got '${value}'`,
      didYouMean(value, words),
    );
  });
}

/** An option that takes a whole number from `min` to `max`. */
export function wholeNumber(flags: string, description: string, min: number, max: number): Option {
  return new Option(flags, description).argParser((value) => readWholeNumber(longFlag(flags), value, min, max));
}

/** A whole number from `min` to `max`. @throws LbError LB_CLI_USAGE */
export function readWholeNumber(name: string, value: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw cliError('LB_CLI_USAGE', `${name} must be a whole number from ${min} to ${max}, got '${value}'`);
}

/** An option that takes a number of seconds, with decimals if need be. */
export function seconds(flags: string, description: string, min: number, max: number): Option {
  return new Option(flags, description).argParser((value) => {
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    const accepted = `a number of seconds from ${min} to ${max}`;
    throw cliError('LB_CLI_USAGE', `${longFlag(flags)} must be ${accepted}, got '${value}'`);
  });
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

function longFlag(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}
