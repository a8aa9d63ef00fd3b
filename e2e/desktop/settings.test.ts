import { beforeAll, expect, it } from 'vitest';
import { seriousProblems } from '../support/accessibility.js';
import { describeDesktop } from '../support/electron-needs.js';

await describeDesktop('desktop app, settings of the balancer', (desktop) => {
  const config = async () =>
    (await desktop.user.ask<Record<string, unknown>>('embedded', 'getConfig')) as {
      tcpTimeout?: number;
      timeout: number;
    };
  const dialog = () => desktop.page.getByRole('dialog', { name: 'Settings of the balancer' });
  const stage = async () => {
    await dialog().getByRole('button', { name: 'Stage', exact: true }).click();
    await dialog().waitFor({ state: 'detached' });
  };

  beforeAll(async () => {
    await desktop.startApp();
    await desktop.user.show('VIPs');
  });

  it('are staged as a command line, with what becomes of flows that live now, undone and applied', async () => {
    const { app, page, user } = desktop;
    await page.getByRole('button', { name: 'Settings…' }).click();
    const tcp = dialog().getByLabel('TCP flows', { exact: true });
    // Empty, it is what all flows have.
    expect([await tcp.inputValue(), await tcp.getAttribute('placeholder')]).toEqual(['', '40']);
    await tcp.fill('900');
    await dialog().getByLabel('UDP flows', { exact: true }).fill('20');
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await app.screenshot(`settings-${colorScheme}`);
      expect(await seriousProblems(page)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    await stage();
    await user.staged.getByText('lb conf tcp-timeout 900 udp-timeout 20').waitFor();
    const warnings = user.staged.getByRole('list', { name: 'Warnings' }).getByRole('listitem');
    const now = 'a flow that lives now goes by it from its next packet on';
    for (const told of [
      `TCP flows are kept for 900 s without packets, and need room; until now 40 s – ${now}`,
      `UDP flows that pause for more than 20 s are forgotten; until now 40 s – ${now}`,
    ]) {
      await warnings.filter({ hasText: told }).waitFor();
    }
    await app.screenshot('settings-staged');
    await page.keyboard.press('Control+z');
    await user.staged.getByText('Nothing is staged').waitFor();
    await page.keyboard.press('Shift+Control+z');
    await user.apply();
    expect(await config()).toMatchObject({ timeout: 40, tcpTimeout: 900, udpTimeout: 20 });
  });

  it('are at their default again when they are empty; the palette has them, too', async () => {
    const { app, page, user } = desktop;
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /command lines/ }).fill('settings');
    await page.keyboard.press('Enter');
    const tcp = dialog().getByLabel('TCP flows', { exact: true });
    expect(await tcp.inputValue()).toBe('900');
    await tcp.fill('');
    await stage();
    await user.staged.getByText('lb conf no tcp-timeout').waitFor();
    await user.apply();
    expect(await config()).not.toHaveProperty('tcpTimeout');
    expect(app.problems).toEqual([]);
  });
});
