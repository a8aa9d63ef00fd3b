import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Program, programOf } from './program.js';

/** A daemon that has been started. */
export interface DaemonProcess extends Program {
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Starts the headless program with such arguments. */
export type LaunchDaemon = (args: readonly string[]) => DaemonProcess;

/**
 * On a Node.js of this machine.
 * @param program path of the headless program
 */
export function onNode(node: string, program: string): LaunchDaemon {
  return (args) => {
    const child = spawn(node, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const { stdout, stderr } = child;
    return { ...programOf(child, { ended: endingOf, failed: ({ message }) => message }), stdout, stderr };
  };
}

/** That it ended, in words. @param how a signal or a status, in words */
export function endingOf(how: string): string {
  return `the built-in daemon ended (${how})`;
}
