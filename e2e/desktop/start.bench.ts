import { afterAll, it } from 'vitest';
import { describeDesktop } from '../support/electron-needs.js';
import { Figures } from '../support/figures.js';

/**
 * From the launch of the app to the first number of its own daemon on screen.
 *
 *     npx vitest run --config e2e/vitest.desktop-bench.config.ts e2e/desktop/start
 */
const ROUNDS = 7;

await describeDesktop('start of the desktop app', (desktop) => {
  const figures = new Figures();

  afterAll(() => figures.print());

  it('prints the time to the window and to the first number', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const start of ['first start', 'later start']) {
        const began = performance.now();
        const { app, page } = await desktop.startApp({ owner: `round ${round}` });
        figures.add(`${start}: launch to window`, 'ms', performance.now() - began);
        // The flows of the overview are a count of the daemon's.
        await page.locator('.figure', { hasText: 'Flows' }).getByText(/\d/).first().waitFor();
        figures.add(`${start}: launch to first number`, 'ms', performance.now() - began);
        await app.close();
      }
    }
  });
});
