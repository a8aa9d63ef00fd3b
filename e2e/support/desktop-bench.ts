import type { DesktopFixture } from './desktop-fixture.js';
import { type DesktopProcesses, processesOf, processorMs } from './desktop-processes.js';
import type { DesktopApp } from './electron-app.js';
import { Figures } from './figures.js';
import { framesDuring, quantile } from './frame-meter.js';

interface Answer {
  readonly ok: boolean;
  readonly value: never;
  readonly revision: number;
  readonly error?: unknown;
}

/** The app with what measurements need. */
export class DesktopBench {
  figures = new Figures();
  private processes: DesktopProcesses | undefined;

  private constructor(readonly app: DesktopApp) {}

  static async start(desktop: DesktopFixture): Promise<DesktopBench> {
    const { app, page } = await desktop.startApp();
    await page.getByText('in sync').waitFor();
    return new DesktopBench(app);
  }

  /** Prints what was measured since the last time. */
  print(): void {
    this.figures.print();
    this.figures = new Figures();
  }

  /** An operation of the daemon, asked by the page as its own code does. */
  async ask(operation: string, call: object): Promise<Answer> {
    const input = JSON.stringify({ daemon: 'embedded', operation, call });
    const answer = (await this.app.page.evaluate(`window.lb.call('api.call', ${input})`)) as Answer;
    if (!answer.ok) throw new Error(`${operation}: ${JSON.stringify(answer.error).slice(0, 500)}`);
    return answer;
  }

  /** Has counters come so often. */
  async watch(intervalMs: number): Promise<void> {
    await this.app.page.evaluate(`window.lb.call('stream.watch', { daemon: 'embedded', intervalMs: ${intervalMs} })`);
  }

  async show(view: string): Promise<void> {
    await this.app.page
      .getByRole('navigation')
      .getByRole('button', { name: new RegExp(`^${view}`) })
      .click();
  }

  /** Stages command lines by the palette. */
  async stage(lines: readonly string[]): Promise<void> {
    const { page } = this.app;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /command lines/ }).waitFor();
    await page.evaluate(`(() => {
      const text = document.querySelector('.palette textarea');
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(text, ${JSON.stringify(lines.join('\n'))});
      text.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await page.keyboard.press('Enter');
    await page.getByText(/^Apply as revision/).waitFor();
    await this.settled();
  }

  /** Until the page has drawn what it has to draw. */
  async settled(): Promise<void> {
    await this.app.page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
  }

  /** Adds how long something takes, and what it costs the page's process. */
  async timed(name: string, run: () => Promise<unknown>): Promise<void> {
    this.processes ??= await processesOf(this.app);
    const { page } = this.processes;
    const [before, began] = [processorMs(page), performance.now()];
    await run();
    this.figures.add(name, 'ms', performance.now() - began);
    this.figures.add(`${name}: processor time of the page`, 'ms', processorMs(page) - before);
  }

  /** Adds the frames of a page while something goes on, and what it costs the page's process. */
  async frames(name: string, run: () => Promise<unknown>): Promise<void> {
    this.processes ??= await processesOf(this.app);
    const { page } = this.processes;
    const [before, began] = [processorMs(page), performance.now()];
    const { intervalsMs, longTasksMs } = await framesDuring(this.app.page, run);
    const usedMs = processorMs(page) - before;
    const tookMs = performance.now() - began;
    const late = intervalsMs.filter((interval) => interval > 17).length / intervalsMs.length;
    this.figures.add(`${name}: frame, p95`, 'ms', quantile(intervalsMs, 0.95));
    this.figures.add(`${name}: frame, longest`, 'ms', Math.max(...intervalsMs));
    this.figures.add(`${name}: frames that are late`, 'part', late);
    this.figures.add(`${name}: longest task`, 'ms', Math.max(0, ...longTasksMs));
    this.figures.add(`${name}: processor time of the page`, 'cores', usedMs / tookMs);
    this.figures.add(`${name}: processor time of the page for a frame`, 'ms', usedMs / intervalsMs.length);
  }
}
