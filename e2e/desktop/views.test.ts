import { beforeAll, expect, it } from 'vitest';
import { seriousProblems } from '../support/accessibility.js';
import { clippedControls } from '../support/clipped-controls.js';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

await describeDesktop('desktop app, views', (desktop) => {
  beforeAll(async () => {
    await desktop.startApp();
    await desktop.page.getByRole('table').or(desktop.page.getByRole('grid')).first().waitFor();
  });

  /** What is seriously wrong with what is on screen. */
  const wrongNow = async (name: string): Promise<string[]> => {
    const wrong = await seriousProblems(desktop.page);
    const clipped = await clippedControls(desktop.page);
    return [...wrong, ...clipped.map((control) => `clipped: ${control}`)].map((problem) => `${name}: ${problem}`);
  };

  it('would not be passed by a control that is cut, nor by one without a name', async () => {
    // The page's policy allows no style in HTML.
    await desktop.page.evaluate(`{
      const [box, wide, nameless] = ['div', 'button', 'button'].map((tag) => document.createElement(tag));
      Object.assign(box.style, { width: '40px', overflow: 'hidden', flex: 'none' });
      wide.style.width = '90px';
      wide.textContent = 'wide';
      box.id = 'bad';
      box.append(wide, nameless);
      document.querySelector('.top-bar').append(box);
    }`);
    const wrong = await wrongNow('here');
    await desktop.page.evaluate("document.getElementById('bad').remove()");
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
    const { page } = desktop;
    await page.emulateMedia({ colorScheme });
    await desktop.app.resize(width, height, scale);
    const views = await page.locator('nav button[class~=nav-item]:not(.nav-daemon *)').allInnerTexts();
    const names = views.map((text) => text.split('\n')[0]!).filter((name) => !name.endsWith('…'));
    expect(names).toContain('Overview');
    const found: string[] = [];
    const look = async (name: string) => {
      // A picture of so many pixels takes longer than all that is looked at in it.
      if (width / scale < 3840 || name === 'what if')
        await desktop.app.screenshot(`view-${`${name} ${size}`.toLowerCase().replace(/\W+/g, '-')}-${colorScheme}`);
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
    expect(desktop.app.problems).toEqual([]);
  });
});
