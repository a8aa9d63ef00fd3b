import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

const FROM = '203.0.113.0/24';
const INTO = '198.51.100.0/24';

interface Config {
  readonly vips: readonly {
    readonly prefix: string;
    readonly newLen: number;
    readonly ass: readonly { readonly address: string; readonly weight: number; readonly state: string }[];
  }[];
}

await describeDesktop('desktop app, editing', (desktop) => {
  beforeAll(async () => {
    await desktop.startApp();
    await desktop.page.getByRole('main').getByRole('heading', { name: 'Overview' }).waitFor();
  });

  const press = async (...keys: string[]) => {
    for (const key of keys) await desktop.page.keyboard.press(key);
  };
  const side = () => desktop.page.getByRole('complementary', { name: 'Staged change' });
  const edits = () => desktop.page.getByRole('list', { name: 'Staged edits' }).first().getByRole('listitem');
  const config = () => desktop.user.ask<Config>('embedded', 'getConfig');
  const vipOf = async (prefix: string) => (await config()).vips.find((vip) => vip.prefix === prefix)!;
  const apply = async () => {
    const name = await side()
      .getByRole('button', { name: /^Apply as revision/ })
      .textContent();
    await press('Control+Enter');
    await desktop.page.getByText(name!.replace('Apply', 'Applied')).waitFor();
  };
  /** By the palette: its first match for these words, or the command line that they are. */
  const run = async (words: string) => {
    await press('Control+k');
    await desktop.page.keyboard.type(words);
    await press('Enter');
    await desktop.page.getByRole('dialog', { name: 'Search or run a command' }).waitFor({ state: 'detached' });
  };
  /** Goes on by the Tab key until the element of this kind and label has the focus. */
  const tabTo = async (kind: 'grid' | 'textarea' | 'button', label: string) => {
    for (let steps = 0; steps < 80; steps++) {
      await press('Tab');
      const at = (await desktop.page.evaluate(`(({ activeElement: at }) => [
        at.getAttribute('role') ?? at.tagName.toLowerCase(),
        at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.firstElementChild?.textContent ?? '',
      ])(document)`)) as string[];
      if (at[0] === kind && at[1] === label) return;
    }
    throw new Error(`'${label}' cannot be reached by the Tab key`);
  };
  const focused = () =>
    desktop.page.evaluate("document.activeElement.closest('[role=grid]')?.getAttribute('aria-label')");
  const openVip = async (prefix: string) => {
    await run(`VIP ${prefix}`);
    await desktop.page.getByRole('heading', { name: prefix, exact: true }).waitFor();
  };

  it('makes a VIP with ASs, stages and applies it, by the keyboard alone', async () => {
    const { page } = desktop;
    await press('Control+2');
    await tabTo('grid', 'VIPs');
    expect(await focused()).toBe('VIPs');
    await press('a');
    await page.getByRole('dialog', { name: 'Add a VIP' }).waitFor();
    await page.keyboard.type('90.0.0.0/8');
    await tabTo('textarea', 'Application servers');
    await page.keyboard.type('10.9.0.1 10.9.0.2 10.9.0.3 10.9.0.4');
    await tabTo('button', 'Stage');
    await press('Enter');
    await side().getByText('lb as 90.0.0.0/8 10.9.0.1 10.9.0.2 10.9.0.3 10.9.0.4').waitFor();
    expect(await vipOf('90.0.0.0/8')).toBeUndefined();
    await apply();
    expect((await vipOf('90.0.0.0/8')).ass).toHaveLength(4);
    await tabTo('grid', 'Application servers');
    await press('ArrowDown', 'e');
    await page.getByRole('dialog', { name: /10\.9\.0\.1/ }).waitFor();
    await press('Escape');
    // A dialog gives the focus back.
    await until('the table has the focus again', async () => (await focused()) === 'Application servers');
  });

  it('changes several ASs by one edit, which one undo takes back', async () => {
    const { page } = desktop;
    const row = (address: string) => page.getByRole('row', { name: new RegExp(address.replaceAll('.', '\\.')) });
    await row('10.9.0.1').getByText('10.9.0.1').click();
    await row('10.9.0.3')
      .getByText('10.9.0.3')
      .click({ modifiers: ['Shift'] });
    await row('10.9.0.2')
      .getByText('10.9.0.2')
      .click({ modifiers: ['Control'] });
    await page.getByRole('heading', { name: '2 ASs selected' }).waitFor();
    await press('e');
    await page.getByLabel('Weight', { exact: true }).fill('101');
    await press('Enter');
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.getByLabel('Weight', { exact: true }).fill('40');
    await press('Enter');
    await side().getByText('lb as 90.0.0.0/8 10.9.0.1 10.9.0.3 weight 40').waitFor();
    await press('d');
    await side().getByText('lb as 90.0.0.0/8 10.9.0.1 10.9.0.3 drain').waitFor();
    expect(await edits().count()).toBe(2);
    await press('Control+z');
    await expect.poll(() => edits().count()).toBe(1);
    await apply();
    expect((await vipOf('90.0.0.0/8')).ass.map(({ weight, state }) => `${weight} ${state}`)).toEqual([
      '40 enabled',
      '100 enabled',
      '40 enabled',
      '100 enabled',
    ]);
  });

  it('changes several VIPs by one edit, which one undo takes back', async () => {
    const { page } = desktop;
    await press('Escape');
    const row = (prefix: string) => page.getByRole('grid', { name: 'VIPs' }).getByText(prefix, { exact: true });
    await row('90.0.0.0/8').click();
    await row(INTO).click({ modifiers: ['Control'] });
    await press('e');
    await page.getByRole('dialog', { name: 'Edit 2 VIPs' }).waitFor();
    await page.getByLabel('Buckets of the table').fill('2048');
    await press('Enter');
    await side().getByText(`lb set vip ${INTO} new_len 2048`).waitFor();
    expect(await edits().count()).toBe(1);
    await press('Control+z');
    await side().getByText('Nothing is staged').waitFor();
    await press('Shift+Control+z');
    await apply();
    expect([(await vipOf('90.0.0.0/8')).newLen, (await vipOf(INTO)).newLen]).toEqual([2048, 2048]);
    // More than one that serves: how many has to be typed.
    await row(INTO).click();
    await row('90.0.0.0/8').click({ modifiers: ['Control'] });
    await press('Delete');
    expect(await page.getByRole('button', { name: 'Stage the removal' }).isDisabled()).toBe(true);
    await page.getByLabel('Type 2 VIPs to go on').waitFor();
    await press('Escape');
    await side().getByText('Nothing is staged').waitFor();
  });

  it('pastes rows of one VIP into another, and command lines anywhere', async () => {
    const { page } = desktop;
    await openVip(FROM);
    const copied = (await vipOf(FROM)).ass;
    await tabTo('grid', 'Application servers');
    await press('Control+a', 'Control+c');
    await page.getByText(`${copied.length} rows copied`).waitFor();
    await openVip(INTO);
    await press('Control+v');
    await side().getByText(`lb as ${INTO} ${copied[0]!.address}`).waitFor();
    expect(await side().getByText(`lb as ${FROM}`).count()).toBe(0);
    await apply();
    const { ass } = await vipOf(INTO);
    for (const { address, weight } of copied) expect(ass).toContainEqual(expect.objectContaining({ address, weight }));
    expect((await vipOf(FROM)).ass).toEqual(copied);

    const paste = async (text: string) => {
      await desktop.app.electron.evaluate(({ clipboard }, value) => clipboard.writeText(value), text);
      await press('Control+v');
    };
    await press('Control+8');
    await paste('lb conf timeout 77\n# and a VIP\nlb vip 91.0.0.0/8\n');
    await side().getByText('lb vip 91.0.0.0/8').waitFor();
    await paste('lb vip 92.0.0.0/8\nlb vip 92.0.0.0/33\n');
    await page
      .getByRole('alert')
      .getByText(/line 2: prefix must be/)
      .waitFor();
    await paste('what is this');
    await page.getByRole('alert').getByText('neither rows nor command lines').waitFor();
    expect(await edits().count()).toBe(1);
    await side().getByRole('button', { name: 'Discard' }).click();
    await page.getByText('Ctrl Z brings it back').waitFor();
  });

  it.each([
    ['YAML', 'lb.yaml', 'Import YAML'],
    ['command lines', 'lb.txt', 'Import command lines, replacing all'],
  ])('exports the configuration as %s, and imports it again', async (kind, name, importing) => {
    const path = join(desktop.folder, name);
    await desktop.app.electron.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath });
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [filePath] });
    }, path);
    const before = await config();
    await run(`Export ${kind}`);
    await desktop.page.getByText('Saved').waitFor();
    expect(readFileSync(path, 'utf8')).toContain(INTO);
    await run('lb vip 90.0.0.0/8 del');
    await apply();
    expect(await vipOf('90.0.0.0/8')).toBeUndefined();
    await run(importing);
    await desktop.page.getByText(`${name} staged`).waitFor();
    await apply();
    expect(await config()).toEqual(before);
    writeFileSync(path, kind === 'YAML' ? 'vips: 3\n' : 'lb vip nonsense\n');
    await run(importing);
    await desktop.page.getByRole('alert').getByText(`${name} was not staged`).waitFor();
    await side().getByText('Nothing is staged').waitFor();
    expect(desktop.app.problems).toEqual([]);
  });
});
