import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DesktopProcesses, processesOf, processorMs } from './desktop-processes.js';
import { DesktopApp } from './electron-app.js';
import { VirtualDisplay } from './electron-display.js';
import type { ElectronRuntime } from './electron-runtime.js';
import { Figures } from './figures.js';
import { framesDuring, quantile } from './frame-meter.js';

interface Answer {
  readonly ok: boolean;
  readonly value: never;
  readonly revision: number;
  readonly error?: unknown;
}

/** The app in a display of its own, with what measurements need. */
export class DesktopBench {
  figures = new Figures();
  private processes: DesktopProcesses | undefined;

  private constructor(
    private readonly display: VirtualDisplay,
    private readonly folder: string,
    readonly app: DesktopApp,
  ) {}

  static async start(runtime: ElectronRuntime): Promise<DesktopBench> {
    const folder = mkdtempSync(join(tmpdir(), 'lb-desktop-'));
    const display = await VirtualDisplay.start();
    const app = await DesktopApp.start({ runtime, display: display.name, folder });
    await app.page.getByText('in sync').waitFor();
    return new DesktopBench(display, folder, app);
  }

  /** Prints what was measured since the last time. */
  print(): void {
    this.figures.print();
    this.figures = new Figures();
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.display.stop();
    rmSync(this.folder, { recursive: true });
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
