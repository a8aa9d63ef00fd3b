import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { within } from './until.js';

/** A display that nobody sees, for programs with windows. */
export class VirtualDisplay {
  private constructor(
    private readonly server: ChildProcess,
    /** As $DISPLAY has it. */
    readonly name: string,
  ) {}

  /** Starts a server on a display that is free; returns when it takes clients. */
  static async start(width = 1600, height = 1000): Promise<VirtualDisplay> {
    const args = ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'];
    const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    let said = '';
    server.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const number = new Promise<string>((resolve, reject) => {
      server.once('error', reject);
      server.once('close', (status) => reject(new Error(`Xvfb ended with ${status}: ${said}`)));
      (server.stdio[3] as Readable).setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    });
    try {
      return new VirtualDisplay(server, `:${await within('Xvfb to name its display', number, 30_000)}`);
    } catch (error) {
      server.kill('SIGKILL');
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.server.exitCode !== null || this.server.signalCode !== null) return;
    const closed = once(this.server, 'close');
    this.server.kill('SIGTERM');
    await closed;
  }
}
