import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ElectronApplication, electron, type Page } from './electron-driver.js';
import type { ElectronRuntime } from './electron-runtime.js';
import { repositoryRoot } from './paths.js';

export interface DesktopOptions {
  readonly runtime: ElectronRuntime;
  readonly display: string;
  /** What the app remembers goes there: an empty one makes it a first start. */
  readonly folder: string;
  /** Besides the variables of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of the desktop; by default that of the machine. */
  readonly language?: string;
}

const screens = join(repositoryRoot, 'build', 'test', 'screens');

/**
 * Chromium's own sandbox does not run as root. Where there is no GPU, Chromium finds out by a process of its own that fails; in one of
 * some ten starts no other follows, and the page waits for it for ever: better say it at once.
 */
export const flags = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'];

/** The real app in a real Electron. */
export class DesktopApp {
  /** What went wrong in the page: errors that nobody caught, and what it reported as an error. */
  readonly problems: string[] = [];

  private constructor(
    readonly electron: ElectronApplication,
    readonly page: Page,
  ) {
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
  }

  /** Starts it; returns when its window is there. */
  static async start({ runtime, display, folder, env = {}, language }: DesktopOptions): Promise<DesktopApp> {
    const { DBUS_SESSION_BUS_ADDRESS: _, ...environment } = process.env as Record<string, string>;
    // Where Chromium puts what it forgets to remove when it is killed.
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary, { recursive: true });
    const started = await electron.launch({
      executablePath: runtime.executable,
      args: [...flags, ...(language === undefined ? [] : [`--lang=${language}`]), ...runtime.args],
      env: {
        ...environment,
        DISPLAY: display,
        XDG_CONFIG_HOME: folder,
        XDG_CACHE_HOME: folder,
        TMPDIR: temporary,
        LB_DESKTOP_NODE: process.execPath,
        LC_ALL: 'C.UTF-8',
        ...env,
      },
      timeout: 60_000,
    });
    try {
      return new DesktopApp(started, await started.firstWindow({ timeout: 60_000 }));
    } catch (error) {
      await started.close();
      throw error;
    }
  }

  /** Process id of its main process. */
  get pid(): number {
    return this.electron.process().pid!;
  }

  /** Gives the page another size, in pixels of a screen that has `scale` of them for one of CSS. */
  async resize(width: number, height: number, scale = 1): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Emulation.setDeviceMetricsOverride', {
      width: width / scale,
      height: height / scale,
      deviceScaleFactor: scale,
      mobile: false,
    });
  }

  /** Keeps a picture of the window for people to look at: its path. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(screens, { recursive: true });
    const path = join(screens, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** Ends it as a user would. */
  async close(): Promise<void> {
    await this.electron.close();
  }
}
