import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import type { ErrorLog } from './error-log.js';
import { type WatchedWindow, watchPage } from './watch-page.js';

/** Against hanging, not a measurement: a busy machine is slow. */
const GUARD_MS = 30_000;

/** A window that only says what is done to it. */
function watched(answer: boolean) {
  const contents = Object.assign(new EventEmitter(), { forcefullyCrashRenderer: vi.fn() });
  const window = Object.assign(new EventEmitter(), {
    webContents: contents,
    isDestroyed: () => false,
    loadURL: vi.fn(async () => {}),
  });
  const write = vi.fn();
  const ask = vi.fn(async () => answer);
  watchPage(window as unknown as WatchedWindow, { write } as unknown as ErrorLog, 'lb-app://app/gone.html', ask);
  return { window, contents, write, ask };
}

it('shows the page for it when the process of the page has ended, and notes why', async () => {
  const { window, contents, write } = watched(false);
  contents.emit('render-process-gone', {}, { reason: 'killed', exitCode: 9 });
  await vi.waitFor(() => expect(window.loadURL).toHaveBeenCalledExactlyOnceWith('lb-app://app/gone.html'), GUARD_MS);
  expect(write).toHaveBeenCalledExactlyOnceWith('page', 'its process has ended: killed, exit code 9');
});

it('leaves a process alone that ended in order', async () => {
  const { window, contents } = watched(false);
  contents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
  await new Promise((resolve) => setImmediate(resolve));
  expect(window.loadURL).not.toHaveBeenCalled();
});

it.each([true, false])(
  'asks once about a page that does not answer; ends its process if told so: %s',
  async (answer) => {
    const { window, contents, ask } = watched(answer);
    window.emit('unresponsive');
    window.emit('unresponsive');
    expect(ask).toHaveBeenCalledOnce();
    await new Promise((resolve) => setImmediate(resolve));
    expect(contents.forcefullyCrashRenderer).toHaveBeenCalledTimes(answer ? 1 : 0);
  },
);
