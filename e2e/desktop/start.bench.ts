import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { DesktopApp } from '../support/electron-app.js';
import { VirtualDisplay } from '../support/electron-display.js';
import { describeDesktop } from '../support/electron-needs.js';
import { Figures } from '../support/figures.js';

/**
 * From the launch of the app to the first number of its own daemon on screen.
 *
 *     npx vitest run --config e2e/vitest.desktop-bench.config.ts e2e/desktop/start
 */
const ROUNDS = 7;

await describeDesktop('start of the desktop app', (runtime) => {
  const figures = new Figures();
  let display: VirtualDisplay;

  beforeAll(async () => {
    display = await VirtualDisplay.start();
  });
  afterAll(async () => {
    figures.print();
    await display.stop();
  });

  it('prints the time to the window and to the first number', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const folder = mkdtempSync(join(tmpdir(), 'lb-desktop-'));
      for (const start of ['first start', 'later start']) {
        const began = performance.now();
        const app = await DesktopApp.start({ runtime, display: display.name, folder });
        figures.add(`${start}: launch to window`, 'ms', performance.now() - began);
        // The flows of the overview are a count of the daemon's.
        await app.page.locator('.figure', { hasText: 'Flows' }).getByText(/\d/).first().waitFor();
        figures.add(`${start}: launch to first number`, 'ms', performance.now() - began);
        await app.close();
      }
      rmSync(folder, { recursive: true });
    }
  });
});
