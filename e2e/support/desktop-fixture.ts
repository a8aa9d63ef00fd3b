import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DesktopUser } from './desktop-user.js';
import { DesktopApp, type DesktopOptions } from './electron-app.js';
import { VirtualDisplay } from './electron-display.js';
import type { Page } from './electron-driver.js';
import type { ElectronRuntime } from './electron-runtime.js';
import { repositoryRoot } from './paths.js';
import { Running } from './running.js';
import { Undo } from './undo.js';

export type StartOptions = Pick<DesktopOptions, 'env' | 'language'> & {
  /** Whose memory it has: each name stands for another machine's. */
  readonly owner?: string;
};

/** What the tests of the app share: a display, a folder, the app, and the end of everything that was begun. */
export class DesktopFixture {
  readonly #undo = new Undo();
  #folder: string | undefined;
  #display: VirtualDisplay | undefined;
  #user: DesktopUser | undefined;

  constructor(readonly runtime: ElectronRuntime) {}

  /** Makes folder and display. */
  async begin(): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'lb-desktop-'));
    this.later(() => rmSync(folder, { recursive: true }));
    this.#folder = folder;
    const display = await VirtualDisplay.start();
    this.later(() => display.stop());
    this.#display = display;
  }

  /** Ends everything, the last thing first. @throws AggregateError with what could not be ended */
  end(): Promise<void> {
    return this.#undo.run();
  }

  /** Has something done at the end, before what was begun earlier is ended. */
  later(step: () => unknown): void {
    this.#undo.add(step);
  }

  /** A folder that goes when the tests have ended. */
  get folder(): string {
    return begun(this.#folder);
  }

  /** As $DISPLAY has it. */
  get display(): string {
    return begun(this.#display).name;
  }

  /** Where `serve` has its socket. */
  get socketPath(): string {
    return join(this.folder, 'lb.sock');
  }

  /** Whoever uses the app that was started last. */
  get user(): DesktopUser {
    return begun(this.#user);
  }

  get app(): DesktopApp {
    return this.user.app;
  }

  get page(): Page {
    return this.app.page;
  }

  /** Starts the app; it remembers what the one before it of this owner has left. Returns when its window is there. */
  async startApp({ owner = '', ...options }: StartOptions = {}): Promise<DesktopUser> {
    const folder = join(this.folder, owner);
    mkdirSync(folder, { recursive: true });
    const app = await DesktopApp.start({ runtime: this.runtime, display: this.display, folder, ...options });
    this.later(() => app.close());
    this.#user = new DesktopUser(app);
    return this.#user;
  }

  /** Starts a daemon on generated traffic; returns when it is ready. @param options of `lb serve` */
  async serve(...options: string[]): Promise<Running> {
    const lb = join(repositoryRoot, 'apps/lb/bin/lb.mjs');
    const command = [process.execPath, lb, 'serve', '--plain', '--socket', this.socketPath, ...options];
    const daemon = new Running('the daemon', command);
    this.later(() => daemon.stop());
    await daemon.says(/lb serve: ready/, 45_000);
    return daemon;
  }
}

function begun<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it has not been begun');
  return value;
}
