import { beforeAll, expect, it } from 'vitest';
import { describeDesktop } from '../support/electron-needs.js';

const VIP = '90.0.0.0/8';

await describeDesktop('desktop app, staged change', (desktop) => {
  beforeAll(async () => {
    await desktop.startApp();
    await desktop.user.show('VIPs');
  });

  const servers = () => desktop.page.getByRole('grid', { name: 'Application servers' });

  /** An operation of the daemon, asked by the page as its own code does. */
  const ask = (operation: string, call: object) => desktop.user.ask<Answer>('embedded', operation, call);

  it('refuses wrong input at its field, and makes a VIP of what is right', async () => {
    const { page } = desktop;
    await page.getByRole('button', { name: 'Add a VIP…' }).click();
    await page.getByLabel('Prefix').fill('90.300.0.0/8');
    await page.getByLabel('Buckets of the table').fill('1000');
    const stage = page.getByRole('button', { name: 'Stage', exact: true });
    await stage.click();
    const alerts = page.getByRole('dialog').getByRole('alert');
    await expect.poll(() => alerts.count()).toBe(2);
    expect(await alerts.allTextContents()).toEqual([
      expect.stringContaining("got '90.300.0.0/8'"),
      expect.stringContaining('newLen must be a power of two'),
    ]);
    await page.getByLabel('Prefix').fill(VIP);
    await page.getByLabel('Buckets of the table').fill('4096');
    await page.getByLabel('Application servers').fill('10.9.0.1\n10.9.0.2\n10.9.0.3\n10.9.0.4');
    await stage.click();
    await page.getByText(`lb as ${VIP} 10.9.0.1 10.9.0.2 10.9.0.3 10.9.0.4`).first().waitFor();
    expect((await ask('getConfig', {})).vips.some(({ prefix }) => prefix === VIP)).toBe(false);
    await desktop.user.apply();
    expect((await ask('getVip', { params: { vip: VIP } })).ass).toHaveLength(4);
  });

  it('shows before what the daemon would do, in the same numbers, and after that it was done', async () => {
    const { page } = desktop;
    await servers().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Delete');
    const line = `lb as ${VIP} 10.9.0.1 del`;
    await page.getByText(line).first().waitFor();
    const plan = await ask('plan', { body: { lines: [line] } });
    const { moved, buckets } = plan.vips[0]!;
    expect(moved).toBeGreaterThanOrEqual(1024);
    const shown = `${moved.toLocaleString('en')} of ${buckets.toLocaleString('en')}`;
    await page.getByRole('complementary').getByText(shown).waitFor();
    await desktop.app.screenshot('staged-change');
    expect((await ask('getVip', { params: { vip: VIP } })).ass).toHaveLength(4);
    await desktop.user.apply();
    expect((await ask('getVip', { params: { vip: VIP } })).ass.map(({ address }) => address)).not.toContain('10.9.0.1');
  });

  it('takes back what was staged, and brings it again', async () => {
    const { page } = desktop;
    const line = page.getByRole('complementary').getByText(`lb as ${VIP} 10.9.0.2 drain`);
    await desktop.user.stage(`lb as ${VIP} 10.9.0.2 drain`);
    await line.waitFor();
    await page.keyboard.press('Control+z');
    await line.waitFor({ state: 'detached' });
    await page.keyboard.press('Shift+Control+z');
    await line.waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await line.waitFor({ state: 'detached' });
  });

  it('says who changed what meanwhile, and rebases', async () => {
    const { page } = desktop;
    await desktop.user.stage(`lb as ${VIP} 10.9.0.2 weight 50`);
    await ask('exec', { body: { lines: [`lb as ${VIP} 10.9.0.3 weight 25`], note: 'less for three' } });
    const conflict = page.getByRole('complementary').getByRole('alert');
    await conflict.getByText('less for three').waitFor();
    expect(await conflict.textContent()).toContain('10.9.0.3');
    await page.getByRole('button', { name: /^Rebase on revision/ }).click();
    await desktop.user.apply();
    const { ass } = await ask('getVip', { params: { vip: VIP } });
    expect(ass.map(({ weight }) => weight)).toEqual([50, 25, 100]);
  });

  it('asks for the name before it removes a VIP that serves', async () => {
    const { page } = desktop;
    await page.getByRole('main').getByRole('button', { name: 'More' }).first().click();
    await page.getByRole('menuitem', { name: 'Remove VIP…' }).click();
    const confirm = page.getByRole('button', { name: 'Stage the removal' });
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByLabel(`Type ${VIP} to go on`).fill(VIP);
    await confirm.click();
    await page.getByRole('complementary').getByText(`lb vip ${VIP} del`).waitFor();
    await desktop.user.apply();
    expect((await ask('getConfig', {})).vips.some(({ prefix }) => prefix === VIP)).toBe(false);
    expect(desktop.app.problems).toEqual([]);
  });
});

interface Answer {
  readonly vips: readonly PlannedVip[];
  readonly ass: readonly ServerOfVip[];
}

interface PlannedVip {
  readonly prefix: string;
  readonly moved: number;
  readonly buckets: number;
}

interface ServerOfVip {
  readonly address: string;
  readonly weight: number;
}
