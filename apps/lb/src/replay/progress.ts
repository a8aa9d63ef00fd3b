import type { TextOutput } from '../streams.js';
import { countText, sizeText } from '../text.js';

export interface ReplayPosition {
  readonly packets: number;
  readonly bytesRead: number;
  /** Undefined for a pipe. */
  readonly sizeBytes: number | undefined;
}

/** Short runs say nothing. */
const FIRST_MS = { terminal: 500, log: 5000 };
const EVERY_MS = { terminal: 200, log: 5000 };

/** Tells how far a long replay has come: in one line that is redrawn on a terminal, as a line now and then elsewhere. */
export class Progress {
  private readonly started: number;
  private readonly kind: 'terminal' | 'log';
  private nextMs: number;
  private shown = false;

  constructor(
    private readonly output: TextOutput,
    private readonly clockMs: () => number = () => performance.now(),
  ) {
    this.started = clockMs();
    this.kind = output.isTTY === true ? 'terminal' : 'log';
    this.nextMs = this.started + FIRST_MS[this.kind];
  }

  /** Call it as often as you like. */
  update(position: ReplayPosition): void {
    const now = this.clockMs();
    if (now < this.nextMs) return;
    this.nextMs = now + EVERY_MS[this.kind];
    const line = progressLine(position, (now - this.started) / 1000);
    if (this.kind === 'log') {
      this.output.write(`lb replay: ${line}\n`);
      return;
    }
    this.shown = true;
    this.output.write(`\r${line.slice(0, (this.output.columns ?? 80) - 1)}\x1b[K`);
  }

  /** Takes the redrawn line away. */
  end(): void {
    if (this.shown) this.output.write('\r\x1b[K');
    this.shown = false;
  }
}

/** `42 %  1.2 GB of 2.9 GB  12,345,678 packets  2.5 M packets/s  12 s left`. */
export function progressLine({ packets, bytesRead, sizeBytes }: ReplayPosition, elapsedSec: number): string {
  const rate = `${countText(packets)} packets  ${countText(packets / elapsedSec)} packets/s`;
  if (sizeBytes === undefined || sizeBytes === 0) return `${sizeText(bytesRead)}  ${rate}`;
  const part = Math.min(1, bytesRead / sizeBytes);
  const left = part > 0 ? `  ${Math.ceil((elapsedSec * (1 - part)) / part)} s left` : '';
  return `${Math.floor(part * 100)} %  ${sizeText(bytesRead)} of ${sizeText(sizeBytes)}  ${rate}${left}`;
}
