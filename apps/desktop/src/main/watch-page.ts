import type { ErrorLog } from './error-log.js';

/** The parts of Electron's BrowserWindow that are used here. */
export interface WatchedWindow {
  on(name: 'unresponsive', listener: () => void): unknown;
  isDestroyed(): boolean;
  loadURL(address: string): Promise<void>;
  readonly webContents: {
    on(name: 'render-process-gone', listener: (event: unknown, details: GoneDetails) => void): unknown;
    forcefullyCrashRenderer(): void;
  };
}

interface GoneDetails {
  readonly reason: string;
  readonly exitCode: number;
}

/**
 * Puts another page in the window when the process of the one that is there has ended, and asks when that does not answer.
 * @param gonePage has a way back to the start page, and nothing that could end its process again
 * @param mayEnd asks the user whether the process of a page that does not answer shall be ended
 */
export function watchPage(
  window: WatchedWindow,
  log: ErrorLog,
  gonePage: string,
  mayEnd: () => Promise<boolean>,
): void {
  window.webContents.on('render-process-gone', (_, { reason, exitCode }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    log.write('page', `its process has ended: ${reason}, exit code ${exitCode}`);
    // Not within the event: Electron is still clearing up after the process.
    setImmediate(() => {
      if (!window.isDestroyed()) window.loadURL(gonePage).catch((error: unknown) => log.write('page', error));
    });
  });
  let isAsking = false;
  window.on('unresponsive', () => {
    if (isAsking) return;
    isAsking = true;
    log.write('page', 'it does not answer');
    void mayEnd().then((ends) => {
      isAsking = false;
      if (ends && !window.isDestroyed()) window.webContents.forcefullyCrashRenderer();
    });
  });
}
