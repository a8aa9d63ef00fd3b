import type { Command } from '../stores/index.js';
import { isShortcut, type KeyPress } from '../ui/index.js';

/** Runs the command that a key stands for. @returns whether there was one that can be run now */
export function runByKey(event: KeyPress, commands: readonly Command[]): boolean {
  const command = commands.find(
    ({ shortcut, disabled }) => !disabled && shortcut !== undefined && isShortcut(event, shortcut),
  );
  command?.run();
  return command !== undefined;
}

/** The commands with what they are done to, as the palette shows them: `Drain: 3 ASs`. */
export function named(commands: Readonly<Record<string, Command>>, what: string): readonly Command[] {
  return Object.values(commands).map((command) => ({ ...command, text: `${command.text.replace(/…$/, '')}: ${what}` }));
}
