import { mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { flags } from './electron-app.js';
import { type Browser, chromium, type Page } from './electron-driver.js';
import { linkTree, runtimeFolder } from './electron-runtime.js';
import { repositoryRoot } from './paths.js';
import { type Ending, Running } from './running.js';
import { until } from './until.js';

/**
 * Packages the app as `npm run package` does, with the runtime that the other tests use.
 * @param folder to make it in
 * @returns path of the program
 */
export async function packageDesktop(folder: string): Promise<string> {
  const { folder: stock, executable } = await runtimeFolder();
  const runtime = mkdtempSync(join(folder, 'runtime-'));
  linkTree(stock, runtime);
  if (executable !== 'electron') renameSync(join(runtime, executable), join(runtime, 'electron'));
  const script = join(repositoryRoot, 'scripts', 'package.mjs');
  const command = [
    'env',
    `ELECTRON_OVERRIDE_DIST_PATH=${runtime}`,
    process.execPath,
    script,
    '--folder-only',
    '--as-built',
    folder,
  ];
  const packaging = new Running('npm run package', command);
  const { status } = await packaging.ended;
  if (status !== 0) throw new Error(`the app cannot be packaged: ${packaging.output}`);
  return join(folder, `lb-desktop-linux-${process.arch}`, 'lb-desktop');
}

/** A packaged app that runs. Playwright's own way to start one needs Node's inspector, which it does not have. */
export class PackagedApp {
  private constructor(
    private readonly program: Running,
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  /**
   * Starts it; returns when its page is there.
   * @param environment as `NAME=value`
   */
  static async start(executable: string, environment: readonly string[]): Promise<PackagedApp> {
    const command = ['env', '-u', 'DBUS_SESSION_BUS_ADDRESS', ...environment, executable, ...flags];
    const program = new Running('the packaged app', [...command, '--remote-debugging-port=0']);
    try {
      const [, address] = await program.says(/DevTools listening on (ws:\S+)/, 60_000);
      // One who connects before the page has its title may wait for ever.
      const list = `http://${new URL(address!).host}/json/list`;
      await until(
        'the page is there',
        async () => ((await (await fetch(list)).json()) as { title: string }[]).some(({ title }) => title === 'lb'),
        60_000,
      );
      const browser = await chromium.connectOverCDP(address!, { noDefaults: true });
      return new PackagedApp(program, browser, browser.contexts()[0]!.pages()[0]!);
    } catch (error) {
      await program.stop('SIGKILL');
      throw error;
    }
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Closes its window, as a user would. */
  async close(): Promise<Ending> {
    await this.page.close();
    const ending = await this.program.ended;
    await this.browser.close();
    return ending;
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    await this.program.stop('SIGKILL');
  }
}
