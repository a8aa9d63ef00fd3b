import { pino } from 'pino';
import type { Colors, TextOutput } from '../streams.js';
import { colorsFor } from '../streams.js';

/** What the daemon logs to: a message and the values that belong to it. */
export type Log = Record<'debug' | 'info' | 'warn' | 'error', (values: object, message: string) => void>;

/** JSON lines, or on a terminal short text. $LB_LOG_LEVEL overrides the level. */
export function createLog(
  output: TextOutput,
  usualLevel: 'info' | 'warn' | 'silent',
  env: NodeJS.ProcessEnv = process.env,
): Log {
  const wanted = env.LB_LOG_LEVEL ?? usualLevel;
  const level = wanted in pino.levels.values || wanted === 'silent' ? wanted : usualLevel;
  const colors = colorsFor(output);
  const write = (line: string): void => {
    output.write(output.isTTY === true ? textLine(line, colors) : line);
  };
  return pino({ level, base: { name: 'lb' } }, { write });
}

interface Entry {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly [key: string]: unknown;
}

/** `12:34:56 warn  message  key=value`. */
function textLine(line: string, colors: Colors): string {
  const { level, time, msg = '', name: _, ...values } = JSON.parse(line) as Entry;
  const paint = level >= 50 ? colors.red : level >= 40 ? colors.yellow : (text: string) => text;
  const rest = Object.entries(values).map(([key, value]) => `${key}=${textOf(value)}`);
  const clock = new Date(time).toTimeString().slice(0, 8);
  const label = (pino.levels.labels[level] ?? '').padEnd(5);
  return `${[colors.dim(clock), paint(`${label} ${msg}`), colors.dim(rest.join(' '))].join(' ').trimEnd()}\n`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}
