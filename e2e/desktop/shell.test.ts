import { beforeAll, expect, it } from 'vitest';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

await describeDesktop('desktop app, window', (desktop) => {
  const start = async (language?: string) => {
    await desktop.startApp(language === undefined ? {} : { language });
    await desktop.page.getByRole('main').locator('h1').first().waitFor();
  };
  const bounds = () =>
    desktop.app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds());
  const widthOf = async (name: string) =>
    Number(await desktop.page.getByRole('separator', { name }).getAttribute('aria-valuenow'));
  const settings = async () =>
    (await desktop.page.evaluate("window.lb.call('settings.get', {})")) as {
      readonly theme: string;
      readonly view: string;
      readonly panels: Readonly<Record<string, number>>;
    };

  beforeAll(async () => {
    await start();
  });

  it('is as it was left: its place, its panels, its view and its theme', async () => {
    const { page } = desktop;
    const place = { x: 40, y: 30, width: 1300, height: 800 };
    await desktop.app.electron.evaluate(
      ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]!.setBounds(wanted),
      place,
    );
    await until('the window has its new size', () => page.evaluate('innerWidth === 1300'));
    const handle = (await page.getByRole('separator', { name: 'Width of the staged change' }).boundingBox())!;
    const before = await widthOf('Width of the staged change');
    await page.mouse.move(handle.x + 3, 400);
    await page.mouse.down();
    await page.mouse.move(handle.x + 3 - 80, 400, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => widthOf('Width of the staged change')).toBe(before + 80);
    const nav = await widthOf('Width of the navigation');
    await page.getByRole('separator', { name: 'Width of the navigation' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => widthOf('Width of the navigation')).toBe(nav + 16);
    await page.getByLabel('Theme').selectOption('light');
    await page.keyboard.press('Control+5');
    await page.getByRole('heading', { name: 'Health', exact: true }).waitFor();
    await until('it is kept', async () => {
      const { theme, view, panels } = await settings();
      return theme === 'light' && view === 'health' && panels.nav === nav + 16 && panels.side === before + 80;
    });
    await desktop.app.close();
    await start();
    await desktop.page.getByRole('heading', { name: 'Health', exact: true }).waitFor();
    expect(await bounds()).toEqual(place);
    await expect.poll(() => widthOf('Width of the staged change')).toBe(before + 80);
    expect(await desktop.page.evaluate('document.documentElement.dataset.theme')).toBe('light');
    await desktop.page.getByRole('separator', { name: 'Width of the staged change' }).focus();
    await desktop.page.keyboard.press('Enter');
    await expect.poll(() => widthOf('Width of the staged change')).toBe(before);
  });

  it('has everything in its palette, with the keys for it', async () => {
    const { page } = desktop;
    const found = async (words: string) => {
      await page.getByRole('dialog').getByRole('combobox').fill(words);
      return page.getByRole('dialog').getByRole('option').allInnerTexts();
    };
    await page.keyboard.press('Control+2');
    await page.getByRole('row', { name: '203.0.113.0/24' }).dblclick();
    await page.getByRole('grid', { name: 'Application servers' }).focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Control+k');
    expect(await found('selected')).toEqual([
      'Edit: 4 ASs selected\nE',
      'Drain: 4 ASs selected\nD',
      'Drain with a deadline: 4 ASs selected\nShift D',
      'Enable: 4 ASs selected',
      'Disable: 4 ASs selected',
      'Remove: 4 ASs selected\nDel',
      'Remove and flush: 4 ASs selected',
    ]);
    expect(await found('vip 203.0.113')).toEqual(
      expect.arrayContaining(['Edit: VIP 203.0.113.0/24\nE', 'VIP 203.0.113.0/24']),
    );
    for (const words of ['overview', 'history', 'add a vip', 'export yaml', 'add a daemon', 'dark theme', 'keyboard']) {
      expect(await found(words), words).toHaveLength(1);
    }
    await page.keyboard.press('Enter');
    const help = page.getByRole('dialog', { name: 'Keyboard' });
    await help.getByText('Shift D').waitFor();
    // Of the dialog alone: the VIP stays open.
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
  });

  it('keeps the focus in a dialog, and gives it back', async () => {
    const { page } = desktop;
    const opener = page.getByRole('main').getByRole('button', { name: 'Add…' });
    await opener.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab');
      // Between the last control and the first, a browser has the focus itself.
      expect(
        await page.evaluate(
          "document.activeElement.closest('dialog') !== null || document.activeElement === document.body",
        ),
      ).toBe(true);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe(await opener.textContent());
    expect(desktop.app.problems).toEqual([]);
  });

  it('writes numbers and times as the language of the desktop does', async () => {
    await desktop.app.close();
    await start('de');
    const { page } = desktop;
    await page.keyboard.press('Control+2');
    expect(await page.evaluate('navigator.language')).toBe('de');
    const row = page.getByRole('row', { name: '203.0.113.0/24' });
    await row.getByText('1.024', { exact: true }).waitFor();
    await row.getByText('0,1 %', { exact: true }).waitFor();
    await page.keyboard.press('Control+8');
    await page
      .getByRole('grid')
      .getByText(/\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2}:\d{2}/)
      .first()
      .waitFor();
    expect(desktop.app.problems).toEqual([]);
  });
});
