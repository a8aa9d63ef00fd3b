import type { Bridge } from '../stores/index.js';

const LONGEST = 16_384;
/** A fault that repeats with every sample would fill the file. */
const MOST = 50;

/** Has the main process note what goes wrong in the page, the first so many times. */
export function createReport(bridge: Bridge): (details: string) => void {
  let noted = 0;
  return (details) => {
    if (noted++ >= MOST) return;
    // Where even that fails there is nobody left to tell.
    bridge.call('log.write', { text: details.slice(0, LONGEST) || 'no details' }).catch(() => {});
  };
}

/** Reports what nobody caught. */
export function reportUncaught(target: Window, report: (details: string) => void): void {
  const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
  target.addEventListener('error', (event) => report(textOf(event.error ?? event.message)));
  target.addEventListener('unhandledrejection', (event) => report(textOf(event.reason)));
}
