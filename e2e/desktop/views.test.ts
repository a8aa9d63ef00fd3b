import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clippedControls } from '../support/clipped-controls.js';
import { DesktopApp } from '../support/electron-app.js';
import { VirtualDisplay } from '../support/electron-display.js';
import { describeDesktop } from '../support/electron-needs.js';
import { repositoryRoot } from '../support/paths.js';
import { until } from '../support/until.js';

/** What axe-core reports, as far as it is looked at. */
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

await describeDesktop('desktop app, views', (runtime) => {
  const folder = mkdtempSync(join(tmpdir(), 'lb-desktop-'));
  let display: VirtualDisplay;
  let app: DesktopApp;

  beforeAll(async () => {
    display = await VirtualDisplay.start();
    app = await DesktopApp.start({ runtime, display: display.name, folder });
    const axe = join(repositoryRoot, 'apps/desktop/node_modules/axe-core/axe.min.js');
    await app.page.evaluate(`${readFileSync(axe, 'utf8')}; null`);
    await app.page.getByRole('table').or(app.page.getByRole('grid')).first().waitFor();
  });

  afterAll(async () => {
    await app?.close();
    await display?.stop();
    rmSync(folder, { recursive: true });
  });

  /** What is seriously wrong with what is on screen. */
  const wrongNow = async (name: string): Promise<string[]> => {
    const report = (await app.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
      violations: Violation[];
      passes: object[];
    };
    expect(report.passes.length, 'rules that were looked at').toBeGreaterThan(10);
    const serious = report.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return [
      ...serious.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${name}: ${id}: ${target}: ${failureSummary}`),
      ),
      ...(await clippedControls(app.page)).map((control) => `${name}: clipped: ${control}`),
    ];
  };

  it('would not be passed by a control that is cut, nor by one without a name', async () => {
    // The page's policy allows no style in HTML.
    await app.page.evaluate(`{
      const [box, wide, nameless] = ['div', 'button', 'button'].map((tag) => document.createElement(tag));
      Object.assign(box.style, { width: '40px', overflow: 'hidden', flex: 'none' });
      wide.style.width = '90px';
      wide.textContent = 'wide';
      box.id = 'bad';
      box.append(wide, nameless);
      document.querySelector('.top-bar').append(box);
    }`);
    const wrong = await wrongNow('here');
    await app.page.evaluate("document.getElementById('bad').remove()");
    expect(wrong).toEqual([
      expect.stringContaining('button-name'),
      expect.stringMatching(/clipped: wide: at \d+–\d+ of \d+–\d+/),
    ]);
  });

  it.each([
    ['1280×720', 'dark', [1280, 720, 1]],
    ['1280×720', 'light', [1280, 720, 1]],
    ['4K', 'dark', [3840, 2160, 1]],
    ['4K at scale 2', 'light', [3840, 2160, 2]],
  ] as const)('all can be read by everybody, %s %s', async (size, colorScheme, [width, height, scale]) => {
    const { page } = app;
    await page.emulateMedia({ colorScheme });
    await app.resize(width, height, scale);
    const views = await page.locator('nav button[class~=nav-item]:not(.nav-daemon *)').allInnerTexts();
    const names = views.map((text) => text.split('\n')[0]!).filter((name) => !name.endsWith('…'));
    expect(names).toContain('Overview');
    const found: string[] = [];
    const look = async (name: string) => {
      // A picture of so many pixels takes longer than all that is looked at in it.
      if (width / scale < 3840 || name === 'what if')
        await app.screenshot(`view-${`${name} ${size}`.toLowerCase().replace(/\W+/g, '-')}-${colorScheme}`);
      found.push(...(await wrongNow(name)));
    };
    const show = (name: string) =>
      page
        .getByRole('navigation')
        .getByRole('button', { name: new RegExp(`^${name}`) })
        .click();
    for (const name of names) {
      await show(name);
      await until(`${name} is there`, async () => (await page.locator('main h1, main h2').count()) > 0);
      await look(name);
    }
    await show('VIPs');
    await page.getByRole('button', { name: 'Import' }).click();
    await look('a menu');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await look('the palette');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add a VIP…' }).click();
    await page.getByLabel('Health check').selectOption('https');
    await page.getByRole('button', { name: 'Stage', exact: true }).click();
    await look('a form with errors');
    await page.keyboard.press('Escape');
    await page.getByRole('row', { name: '203.0.113.0/24' }).dblclick();
    await page.getByRole('grid', { name: 'Application servers' }).getByText('10.1.0.2', { exact: true }).click();
    await page.keyboard.press('Delete');
    await page.getByText('Flows cut').waitFor();
    await look('what if');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('button', { name: '← VIPs' }).click();
    expect(found).toEqual([]);
    expect(app.problems).toEqual([]);
  });
});
