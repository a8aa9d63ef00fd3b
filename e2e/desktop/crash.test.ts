import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

await describeDesktop('desktop app, after a fault', (desktop) => {
  const log = () => readFileSync(join(desktop.folder, 'lb-desktop', 'logs', 'errors.log'), 'utf8');
  const inMain = <T>(run: (electron: typeof import('electron')) => T) =>
    desktop.app.electron.evaluate(run as unknown as () => T) as Promise<T>;

  beforeAll(async () => {
    await desktop.startApp();
  });

  it('notes errors that nobody caught, in the page and in the main process, and goes on', async () => {
    await desktop.page.evaluate("setTimeout(() => Promise.reject(new Error('lost in the page')))");
    await until('the page is heard', () => log().includes(' page: Error: lost in the page'));
    await inMain(() => void Promise.reject(new Error('lost in the main process')));
    await until('the main process is heard', () => log().includes(' app: Error: lost in the main process'));
    expect(await desktop.page.evaluate("window.lb.call('settings.get', {}).then(() => 'goes on')")).toBe('goes on');
  });

  it('opens the window anew when its process has ended', async () => {
    const address = () => inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.getURL());
    await inMain(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.forcefullyCrashRenderer());
    await until('the other page is there', async () => (await address()) === 'lb-app://app/gone.html');
    expect(log()).toMatch(/ page: its process has ended: (killed|crashed)/);
    const inPage = (script: string) =>
      desktop.app.electron.evaluate(
        ({ BrowserWindow }, text) => BrowserWindow.getAllWindows()[0]!.webContents.executeJavaScript(text),
        script,
      ) as Promise<string>;
    await until('it says what happened', async () =>
      (await inPage('document.body.innerText')).includes('had to be closed'),
    );
    await inPage("document.querySelector('a').click()");
    await until('the app is back', async () => (await inPage('document.body.innerText')).includes('Overview'), 30_000);
    expect(await inPage('typeof window.lb.call')).toBe('function');
  });
});
