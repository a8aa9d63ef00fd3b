import type { TextOutput } from '../streams.js';
import { countText, durationText, exactText } from '../text.js';
import { sumOf } from '../verdict-report.js';
import type { Display } from './display.js';
import { flowsIn, perSecond } from './snapshot.js';
import type { ViewModel } from './view.js';

/** A line a second, for logs and pipes. */
export class LineDisplay implements Display {
  readonly intervalMs = 1000;

  constructor(private readonly output: TextOutput) {}

  begin(ready: string): void {
    this.output.write(`${ready}\n`);
  }

  show(model: ViewModel): void {
    this.output.write(`${summaryLine(model)}\n`);
  }

  end(): void {}
}

/** `00:00:12  200 k packets/s  200 k forwarded/s  20,000 flows  0 untracked/s  0 punted/s  0 dropped/s`. */
export function summaryLine({ uptimeSec, now, before }: ViewModel): string {
  const rate = (read: Parameters<typeof perSecond>[2]) => countText(perSecond(now, before, read));
  return [
    durationText(uptimeSec),
    `${rate(({ verdicts }) => verdicts.packets)} packets/s`,
    `${rate(({ verdicts }) => verdicts.forwarded)} forwarded/s`,
    `${exactText(flowsIn(now))} flows`,
    `${rate(({ vips }) => vips.reduce((sum, { counters }) => sum + counters.untracked, 0))} untracked/s`,
    `${rate(({ verdicts }) => verdicts.punted)} punted/s`,
    `${rate(({ verdicts }) => sumOf(verdicts.dropped))} dropped/s`,
  ].join('  ');
}
