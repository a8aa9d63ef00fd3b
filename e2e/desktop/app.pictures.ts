import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeDesktop } from '../support/electron-needs.js';
import { repositoryRoot } from '../support/paths.js';
import { until } from '../support/until.js';

const VIP = '203.0.113.0/24';
const images = join(repositoryRoot, 'docs', 'images');
/** A document that has to be downloaded stays small. */
const MAX_BYTES = 300_000;

await describeDesktop('pictures of the desktop app', (desktop) => {
  beforeAll(async () => {
    await desktop.startApp();
    await desktop.app.resize(1440, 900);
    await desktop.page.getByRole('main').locator('h1').first().waitFor();
  });

  const take = async (name: string, colorScheme: 'dark' | 'light') => {
    mkdirSync(images, { recursive: true });
    const path = join(images, `${name}.png`);
    await desktop.page.emulateMedia({ colorScheme });
    await desktop.page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    expect(statSync(path).size).toBeLessThan(MAX_BYTES);
  };
  /** Gives the VIP sixteen ASs and enough buckets for them. */
  const enlarge = () =>
    desktop.page.evaluate(`(async () => {
      const call = (operation, call) => window.lb.call('api.call', { daemon: 'embedded', operation, call });
      const { value: config, revision } = await call('getConfig', {});
      const vips = config.vips.map((vip) => vip.prefix !== '${VIP}' ? vip : {
        ...vip,
        newLen: 4096,
        ass: Array.from({ length: 16 }, (_, i) => ({ address: '10.1.0.' + (i + 1) })),
      });
      return call('putConfig', { body: { ...config, vips }, ifMatch: revision });
    })()`);
  const numbersOf = (address: string) =>
    desktop.page.getByRole('row', { name: new RegExp(`${address.replaceAll('.', '\\.')} .*[1-9]`) });

  it('are taken', async () => {
    const { page } = desktop;
    expect(await enlarge()).toMatchObject({ ok: true });
    // Until the charts have lines.
    await until(
      'the generated traffic has run for a while',
      async () => {
        const sample = (await page.evaluate(
          "window.lb.call('api.call', { daemon: 'embedded', operation: 'getCounters', call: {} })",
        )) as { value: { uptimeSec: number } };
        return sample.value.uptimeSec > 20;
      },
      40_000,
    );
    await take('overview', 'light');
    await page.keyboard.press('Control+2');
    await page.getByRole('row', { name: VIP }).dblclick();
    await numbersOf('10.1.0.16').waitFor();
    await page.getByRole('grid', { name: 'Application servers' }).getByText('10.1.0.7', { exact: true }).click();
    await page.keyboard.press('Delete');
    await page.getByText('Flows cut').waitFor();
    await page.getByRole('main').getByText('buckets move').waitFor();
    await page.getByRole('main').evaluate((main: { scrollTop: number }) => {
      main.scrollTop = 0;
    });
    await take('what-if', 'dark');
  });
});
