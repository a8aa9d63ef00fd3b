import { app, type BrowserWindow, dialog } from 'electron';
import { GONE_PAGE } from './content.js';
import type { ErrorLog } from './error-log.js';
import { watchPage } from './watch-page.js';

/** Notes errors of the main process that nobody caught, and offers to start again: what they left half done is unknown. */
export function watchApp(log: ErrorLog): void {
  let isAsking = false;
  const report = (error: unknown): void => {
    log.write('app', error);
    if (isAsking || !app.isReady()) return;
    isAsking = true;
    const [message, buttons] = ['Something went wrong in the app.', ['Start the app again', 'Go on']];
    const detail = `${error instanceof Error ? error.message : String(error)}\n\nMore stands in ${log.path}`;
    void dialog.showMessageBox({ type: 'error', message, detail, buttons, cancelId: 1 }).then(({ response }) => {
      isAsking = false;
      if (response !== 0) return;
      app.relaunch();
      app.quit();
    });
  };
  process.on('uncaughtException', report);
  // A promise that nobody waited for leaves nothing half done that matters: the note is enough.
  process.on('unhandledRejection', (error) => log.write('app', error));
  app.on('child-process-gone', (_, { type, name, reason, exitCode }) => {
    if (reason !== 'clean-exit')
      log.write('app', `the process ${name ?? type} has ended: ${reason}, exit code ${exitCode}`);
  });
}

/** Watches over the page in the window. */
export function watchWindow(window: BrowserWindow, log: ErrorLog): void {
  watchPage(window, log, GONE_PAGE, async () => {
    const [message, buttons] = ['The window does not answer.', ['Wait', 'Load it anew']];
    const detail = 'The daemons go on. What is staged and not applied would be gone.';
    const { response } = await dialog.showMessageBox({ type: 'warning', message, detail, buttons, cancelId: 0 });
    return response === 1;
  });
}
