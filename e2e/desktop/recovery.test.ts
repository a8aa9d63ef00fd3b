import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { DesktopUser } from '../support/desktop-user.js';
import type { DesktopApp } from '../support/electron-app.js';
import { describeDesktop } from '../support/electron-needs.js';
import type { Running } from '../support/running.js';
import { until } from '../support/until.js';

const vip = '203.0.113.0/24';

await describeDesktop('desktop app, a daemon that is killed', (desktop) => {
  let daemon: Running;

  const serveKept = () => desktop.serve('--state', join(desktop.folder, 'state'));
  const banner = () => desktop.page.getByRole('banner');
  /** How old the banner says the data is, in seconds; undefined while it says nothing of the kind. */
  const age = async () => {
    const [, number] = /data ([\d.]+) s old/.exec((await banner().textContent()) ?? '') ?? [];
    return number === undefined ? undefined : Number(number);
  };

  beforeAll(async () => {
    daemon = await serveKept();
    await desktop.startApp();
    await desktop.user.connect('Unix socket', { Name: 'edge', 'Path of the socket': desktop.socketPath });
  });

  it('says that its numbers are old, how old, why, and when it tries again', async () => {
    const { page } = desktop;
    await desktop.user.show('VIPs');
    await page.getByRole('row', { name: vip }).waitFor();
    await desktop.user.stage(`lb as ${vip} 10.1.0.1 weight 50`);
    await desktop.user.staged.getByText(`lb as ${vip} 10.1.0.1 weight 50`).waitFor();
    expect(await opacity(desktop.app)).toBe(1);
    await daemon.stop('SIGKILL');
    await banner().getByText('not connected, trying again').waitFor();
    const first = await until('it says how old the data is', age);
    await until('the data grows older', async () => ((await age()) ?? 0) >= first + 1);
    await banner().getByText('▲').waitFor();
    expect(await opacity(desktop.app)).toBeLessThan(1);
    await banner().getByText('as last known').waitFor();
    await page.locator('nav .nav-stale').first().waitFor();
    // What was known stays on screen, and the reason beside it.
    await page.getByRole('row', { name: vip }).waitFor();
    const note = page.getByRole('region', { name: 'Daemons' });
    await note.getByText(/nobody listens|no daemon runs|does not answer/).waitFor();
    await note.getByText(/next try in \d+ s|trying now/).waitFor();
    await desktop.app.screenshot('daemon-lost');
  });

  it('keeps what is staged, and says that it cannot be applied now', async () => {
    const { page } = desktop;
    await page.getByRole('button', { name: 'Apply as revision 2' }).click();
    await page
      .getByRole('complementary')
      .getByRole('alert')
      .getByText(/no daemon|does not answer/)
      .waitFor();
    await desktop.user.staged.getByText(`lb as ${vip} 10.1.0.1 weight 50`).waitFor();
  });

  it('finds it again by itself, and applies what was staged before', async () => {
    daemon = await serveKept();
    await desktop.user.reaches('edge', 'connected');
    await until('the numbers are new', async () => ((await age()) ?? 99) < 2);
    await until('they look new', async () => (await opacity(desktop.app)) === 1);
    await desktop.user.staged.getByText(`lb as ${vip} 10.1.0.1 weight 50`).waitFor();
    expect(await desktop.user.apply()).toBe(2);
    const { id } = await desktop.user.reaches('edge', 'connected');
    expect((await weights(desktop.user, id))['10.1.0.1']).toBe(50);
  });

  it('tells of another history when it comes back without its state, and loses no edit', async () => {
    await desktop.user.stage(`lb as ${vip} 10.1.0.2 weight 25`);
    await daemon.stop('SIGKILL');
    await desktop.user.reaches('edge', 'retrying');
    daemon = await desktop.serve();
    const conflict = desktop.user.staged.getByRole('alert');
    await conflict.getByText(/started without what it had: its revision 1/).waitFor({ timeout: 20_000 });
    // What it lost meanwhile.
    expect(await conflict.textContent()).toContain('10.1.0.1');
    await desktop.app.screenshot('daemon-without-state');
    await desktop.page.getByRole('button', { name: 'Rebase on revision 1' }).click();
    expect(await desktop.user.apply()).toBe(2);
    const { id } = await desktop.user.reaches('edge', 'connected');
    expect(await weights(desktop.user, id)).toMatchObject({ '10.1.0.1': 100, '10.1.0.2': 25 });
    expect(desktop.app.problems).toEqual([]);
  });
});

function opacity({ page }: DesktopApp): Promise<number> {
  return page.evaluate("Number(getComputedStyle(document.querySelector('main')).opacity)") as Promise<number>;
}

async function weights(user: DesktopUser, daemon: string): Promise<Record<string, number>> {
  const shown = await user.ask<{ ass: { address: string; weight: number }[] }>(daemon, 'getVip', {
    params: { vip },
  });
  return Object.fromEntries(shown.ass.map(({ address, weight }) => [address, weight]));
}
