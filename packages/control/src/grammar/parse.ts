import { ConfigError, type Problem } from '../errors.js';
import type { VipRef } from '../vip-ref.js';
import type { AsCommand, Command, FlushCommand, InterfaceCommand, ShowCommand, VipCommand } from './command.js';
import { LineReader } from './line-reader.js';
import { readOptions } from './options.js';
import { splitLines, type Token, tokenize } from './tokenize.js';
import { AS_WORDS, CONF_WORDS, REF_WORDS, VIP_WORDS } from './words.js';

/** A text with more wrong lines than this is something else altogether. */
const MAX_PROBLEMS = 100;

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
    case 'conf': {
      const settings = readOptions(reader, CONF_WORDS);
      return { kind: 'conf', source: reader.source(), settings };
    }
    case 'set':
      return parseInterface(reader);
    case 'flush':
      return parseFlush(reader);
  }
}

function parseVip(reader: LineReader): VipCommand {
  const prefix = takePrefix(reader);
  const { protocol, port, del = false, ...settings } = readOptions(reader, VIP_WORDS);
  return { kind: 'vip', source: reader.source(), vip: refOf(prefix, protocol, port), settings, del };
}

function parseAs(reader: LineReader): AsCommand {
  const prefix = takePrefix(reader);
  const addresses: string[] = [];
  const {
    protocol,
    port,
    weight,
    del = false,
    flush = false,
  } = readOptions(reader, AS_WORDS, {
    placeholder: '<address>',
    take: (token) => takeAddress(reader, token, addresses),
  });
  if (addresses.length === 0) reader.failEnd('expected at least one <address>, but the line ends');
  const vip = refOf(prefix, protocol, port);
  return {
    kind: 'as',
    source: reader.source(),
    vip,
    addresses,
    ...(weight === undefined ? {} : { weight }),
    del,
    flush,
  };
}

/** Takes the word if it can only be meant as an address; a mistyped keyword is better reported as such. */
function takeAddress(reader: LineReader, token: Token, addresses: string[]): boolean {
  if (!/[.:]|^\d/.test(token.text)) return false;
  const address = reader.takeValue<string>('address', `ass[${addresses.length}]`, '<address>');
  if (addresses.includes(address)) {
    reader.fail('LB_CFG_WORD_TWICE', token.column, `AS '${address}' is given twice`);
  }
  addresses.push(address);
  return true;
}

function parseInterface(reader: LineReader): InterfaceCommand {
  reader.takeWord(['interface']);
  const nat = reader.takeWord(['nat4', 'nat6']);
  reader.takeWord(['in']);
  const name = reader.takeValue<string>('interface', 'interface', '<interface>');
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
  return reader.takeValue<string>('prefix', 'prefix', '<prefix>');
}

function refOf(prefix: string, protocol: VipRef['protocol'], port: VipRef['port']): VipRef {
  return { prefix, ...(protocol === undefined ? {} : { protocol }), ...(port === undefined ? {} : { port }) };
}
