import type { AsChange } from '../as-change.js';
import { ConfigError, MAX_PROBLEMS, type Problem } from '../errors.js';
import { FIELDS } from '../fields.js';
import type { Check } from '../schema.js';
import type { VipRef } from '../vip-ref.js';
import type {
  AsCommand,
  Command,
  ConfCommand,
  FlushCommand,
  InterfaceCommand,
  SetVipCommand,
  ShowCommand,
  VipCommand,
} from './command.js';
import { LineReader } from './line-reader.js';
import { type Options, readOptions } from './options.js';
import { takeCheck } from './parse-check.js';
import { takeNo } from './parse-no.js';
import { splitLines, type Token, tokenize } from './tokenize.js';
import { AS_WORDS, CONF_WORDS, REF_WORDS, SETTING_WORDS, STATE_WORDS, VIP_WORDS } from './words.js';

/**
 * Reads command lines: one a line, `#` starts a comment, blank lines are skipped.
 * @param file name for messages
 * @throws ConfigError with every line that is no command (the first hundred), each with line and column.
 */
export function parseCommands(text: string, file?: string): Command[] {
  const commands: Command[] = [];
  const problems: Problem[] = [];
  for (const [i, line] of splitLines(text).entries()) {
    const tokens = tokenize(line);
    if (tokens.length === 0) continue;
    try {
      commands.push(parseLine(new LineReader(tokens as [Token, ...Token[]], i + 1, file)));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      if (problems.length === MAX_PROBLEMS) break;
    }
  }
  if (problems.length > 0) throw new ConfigError(problems as [Problem, ...Problem[]]);
  return commands;
}

function parseLine(reader: LineReader): Command {
  if (reader.takeWord(['lb', 'show']) === 'show') return parseShow(reader);
  switch (reader.takeWord(['vip', 'as', 'conf', 'set', 'flush'])) {
    case 'vip':
      return parseVip(reader);
    case 'as':
      return parseAs(reader);
    case 'conf':
      return parseConf(reader);
    case 'set':
      return reader.takeWord(['interface', 'vip']) === 'vip' ? parseSetVip(reader) : parseInterface(reader);
    case 'flush':
      return parseFlush(reader);
  }
}

function parseConf(reader: LineReader): ConfCommand {
  const unset: ConfCommand['unset'][number][] = [];
  const settings = readOptions(reader, CONF_WORDS, {
    placeholder: 'no',
    take: (token) => takeNo(reader, token, CONF_WORDS, unset),
  });
  return { kind: 'conf', source: reader.source(), settings, unset };
}

function parseSetVip(reader: LineReader): SetVipCommand {
  const prefix = takePrefix(reader);
  let check: Check | undefined;
  const unset: SetVipCommand['unset'][number][] = [];
  const { protocol, port, ...options } = readOptions(reader, [...REF_WORDS, ...SETTING_WORDS], {
    placeholder: 'check, no',
    take: (token) => {
      if (token.text !== 'check') return takeNo(reader, token, [...SETTING_WORDS, 'check'], unset);
      check = takeCheck(reader, token);
      return true;
    },
  });
  const settings = { ...options, ...(check === undefined ? {} : { check }) };
  if (unset.length === 0 && Object.keys(settings).length === 0)
    reader.failEnd('expected a setting that changes, but the line ends');
  return { kind: 'set-vip', source: reader.source(), vip: refOf(prefix, protocol, port), settings, unset };
}

function parseVip(reader: LineReader): VipCommand {
  const prefix = takePrefix(reader);
  let check: Check | undefined;
  const {
    protocol,
    port,
    del = false,
    ...options
  } = readOptions(reader, VIP_WORDS, {
    placeholder: 'check',
    take: (token) => {
      if (token.text !== 'check') return false;
      check = takeCheck(reader, token);
      return true;
    },
  });
  const settings = { ...options, ...(check === undefined ? {} : { check }) };
  return { kind: 'vip', source: reader.source(), vip: refOf(prefix, protocol, port), settings, del };
}

function parseAs(reader: LineReader): AsCommand {
  const prefix = takePrefix(reader);
  const addresses = new Set<string>();
  const options = readOptions(reader, AS_WORDS, {
    placeholder: '<address>',
    take: (token) => takeAddress(reader, token, addresses),
  });
  if (addresses.size === 0) reader.failEnd('expected at least one <address>, but the line ends');
  const { protocol, port, del = false, flush = false } = options;
  const vip = refOf(prefix, protocol, port);
  return {
    kind: 'as',
    source: reader.source(),
    vip,
    addresses: [...addresses],
    change: asChange(reader, options),
    del,
    flush,
  };
}

/** What the words about weight and state say together. */
function asChange(reader: LineReader, options: Options): AsChange {
  const { weight, rampSeconds, deadline } = options;
  const words = (['enable', 'drain', 'disable'] as const).filter((word) => options[word]);
  const [word, ...others] = words.sort((a, b) => reader.columnOf(a) - reader.columnOf(b));
  if (others.length > 0) {
    const message = `'${others[0]}' cannot stand beside '${word}'`;
    reader.fail('LB_CFG_WORD_CLASH', reader.columnOf(others[0]!), message);
  }
  if (rampSeconds !== undefined && weight === undefined) {
    const message = "'over' needs the weight that is to be reached";
    reader.fail('LB_CFG_WORD_NEEDS', reader.columnOf('rampSeconds'), message, "as in 'weight 100 over 60'");
  }
  if (deadline !== undefined && word !== 'drain') {
    const message = "'deadline' needs 'drain': it ends the flows that are left then";
    reader.fail('LB_CFG_WORD_NEEDS', reader.columnOf('deadline'), message);
  }
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(rampSeconds === undefined ? {} : { overSeconds: rampSeconds }),
    ...(word === undefined ? {} : { state: STATE_WORDS[word] }),
    ...(deadline === undefined ? {} : { deadlineSeconds: deadline }),
  };
}

/** Takes the word if it can only be meant as an address; a mistyped keyword is better reported as such. */
function takeAddress(reader: LineReader, token: Token, addresses: Set<string>): boolean {
  if (!/[.:]|^\d/.test(token.text)) return false;
  const address = reader.takeValue<string>(FIELDS.address, `ass[${addresses.size}]`, '<address>');
  if (addresses.has(address)) reader.fail('LB_CFG_WORD_TWICE', token.column, `AS '${address}' is given twice`);
  addresses.add(address);
  return true;
}

function parseInterface(reader: LineReader): InterfaceCommand {
  const nat = reader.takeWord(['nat4', 'nat6']);
  reader.takeWord(['in']);
  const name = reader.takeValue<string>(FIELDS.interface, 'interface', '<interface>');
  const { del = false } = readOptions(reader, ['del']);
  return { kind: 'interface', source: reader.source(), nat, name, del };
}

function parseFlush(reader: LineReader): FlushCommand {
  reader.takeWord(['vip']);
  const prefix = takePrefix(reader);
  const { protocol, port } = readOptions(reader, REF_WORDS);
  return { kind: 'flush-vip', source: reader.source(), vip: refOf(prefix, protocol, port) };
}

function parseShow(reader: LineReader): ShowCommand {
  let what: ShowCommand['what'] = 'lb';
  let verbose = false;
  if (reader.takeWord(['lb', 'node']) === 'node') {
    reader.takeWord(['counters']);
    what = 'node-counters';
  } else if (reader.peek() !== undefined) {
    reader.takeWord(['vip', 'vips']);
    what = 'vip';
    if (reader.peek() !== undefined) verbose = reader.takeWord(['verbose']) === 'verbose';
  }
  reader.end();
  return { kind: 'show', source: reader.source(), what, verbose };
}

function takePrefix(reader: LineReader): string {
  return reader.takeValue<string>(FIELDS.prefix, 'prefix', '<prefix>');
}

function refOf(prefix: string, protocol: VipRef['protocol'], port: VipRef['port']): VipRef {
  return { prefix, ...(protocol === undefined ? {} : { protocol }), ...(port === undefined ? {} : { port }) };
}
