import { mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOf } from './desktop-processes.js';
import { flags } from './electron-app.js';
import { type Browser, chromium, type Page } from './electron-driver.js';
import { linkTree, runtimeFolder } from './electron-runtime.js';
import { repositoryRoot } from './paths.js';
import { type Ending, Running } from './running.js';
import { until } from './until.js';

/** In the command line of processes in which the app runs Node.js. */
export const UTILITY = /node\.mojom\.NodeService/;

/** What was made of the app. */
export interface Packaged {
  /** Path of the program. */
  readonly program: string;
  /** Path of the Debian package, if it was wanted. */
  readonly deb: string;
}

/**
 * Packages the app as `npm run package` does, with the runtime that the other tests use.
 * @param folder to make it in
 * @param wanted the Debian package takes half a minute more
 */
export async function packageDesktop(folder: string, wanted: 'folder' | 'deb'): Promise<Packaged> {
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
    ...(wanted === 'folder' ? ['--folder-only'] : []),
    '--as-built',
    folder,
  ];
  const packaging = new Running('npm run package', command);
  const { status } = await packaging.ended;
  if (status !== 0) throw new Error(`the app cannot be packaged: ${packaging.output}`);
  return {
    program: join(folder, `lb-desktop-linux-${process.arch}`, 'lb-desktop'),
    deb: /^package: made (.*[.]deb)$/m.exec(packaging.output)?.[1] ?? '',
  };
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
   * @param before words of a program that runs it
   * @param switches of Chromium
   */
  static async start(
    executable: string,
    environment: readonly string[],
    before: readonly string[] = [],
    switches: readonly string[] = flags,
  ): Promise<PackagedApp> {
    const command = [...before, 'env', '-u', 'DBUS_SESSION_BUS_ADDRESS', ...environment, executable, ...switches];
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

  /** Returns when it shows the packets per second of its own daemon. */
  async showsTraffic(): Promise<void> {
    await this.page
      .getByRole('navigation')
      .getByRole('button', { name: /^Overview/ })
      .click();
    const received = this.page.locator('.figure', { hasText: 'Received' });
    await until(
      'the page shows packets per second',
      async () => /[1-9][\d.,]* ?[kMG]\/s/.test((await received.textContent()) ?? ''),
      60_000,
    );
  }

  /** Processes in which it runs Node.js, besides the main one; undefined if there are none. */
  get utilities(): number[] | undefined {
    return childrenOf(this.pid, UTILITY);
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
