import type { Page } from './electron-driver.js';

/** What a page did for the eye over some time. All in ms. */
export interface Frames {
  /** Time from each frame that the page drew to the next, as the display's clock has them. */
  readonly intervalsMs: readonly number[];
  /** Tasks of the page that took 50 ms or longer. */
  readonly longTasksMs: readonly number[];
}

// The policy of the page allows no code made of text in it, which functions handed to evaluate() are: hence plain expressions.
const BEGIN = `(() => {
  const meter = { at: [], tasks: [], isOn: true };
  meter.observer = new PerformanceObserver((list) => meter.tasks.push(...list.getEntries().map((task) => task.duration)));
  meter.observer.observe({ type: 'longtask' });
  const tick = (at) => {
    meter.at.push(at);
    if (meter.isOn) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  globalThis.frameMeter = meter;
})()`;
const END = `(() => {
  const { frameMeter } = globalThis;
  frameMeter.isOn = false;
  frameMeter.tasks.push(...frameMeter.observer.takeRecords().map((task) => task.duration));
  frameMeter.observer.disconnect();
  return { at: frameMeter.at, tasks: frameMeter.tasks };
})()`;

/** Counts the frames of a page while something goes on in it. */
export async function framesDuring(page: Page, run: () => Promise<unknown>): Promise<Frames> {
  await page.evaluate(BEGIN);
  await run();
  const { at, tasks } = (await page.evaluate(END)) as { at: number[]; tasks: number[] };
  return { intervalsMs: at.slice(1).map((time, i) => time - at[i]!), longTasksMs: tasks };
}

/** The value that such a part of all values does not exceed, 0 to 1. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)]!;
}
