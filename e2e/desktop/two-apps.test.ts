import { beforeAll, expect, it } from 'vitest';
import type { DesktopUser } from '../support/desktop-user.js';
import { describeDesktop } from '../support/electron-needs.js';

const vip = '203.0.113.0/24';

await describeDesktop('two desktop apps on one daemon', (desktop) => {
  let anna: DesktopUser;
  let bela: DesktopUser;

  /** An app with a memory of its own, as on another machine. */
  const startApp = async (name: string) => {
    const user = await desktop.startApp({ owner: name });
    await user.connect('Unix socket', { Name: 'shared', 'Path of the socket': desktop.socketPath });
    return user;
  };

  beforeAll(async () => {
    await desktop.serve();
    anna = await startApp('anna');
    bela = await startApp('bela');
  });

  it('tells the second of the first one’s change, and applies both in the end', async () => {
    await bela.stage(`lb as ${vip} 10.1.0.2 weight 25`);
    await bela.staged.getByRole('button', { name: 'Apply as revision 2' }).waitFor();
    await anna.stage(`lb as ${vip} 10.1.0.1 weight 50`);
    await anna.page.getByLabel('Note for the history').fill('less for one');
    expect(await anna.apply()).toBe(2);

    const conflict = bela.staged.getByRole('alert');
    await conflict.getByText('Revision 2 was made meanwhile; this change is based on revision 1.').waitFor();
    await conflict.getByText('less for one').waitFor();
    expect(await conflict.textContent()).toMatch(/10\.1\.0\.1.*50/);
    await bela.app.screenshot('two-apps-conflict');
    // Neither button nor key applies it over the other's head.
    expect(await bela.page.getByRole('button', { name: /^Apply as revision/ }).isDisabled()).toBe(true);
    await bela.page.keyboard.press('Control+Enter');
    expect(await weights()).toMatchObject({ '10.1.0.1': 50, '10.1.0.2': 100 });

    await bela.page.getByRole('button', { name: 'Rebase on revision 2' }).click();
    await conflict.waitFor({ state: 'detached' });
    expect(await bela.apply()).toBe(3);
    expect(await weights()).toMatchObject({ '10.1.0.1': 50, '10.1.0.2': 25 });
    // And the first sees what the second did.
    await anna.page
      .getByRole('banner')
      .getByText(/^revision 3/)
      .waitFor();
  });

  it('refuses the second of two that apply at once, and keeps what it had staged', async () => {
    await anna.stage(`lb as ${vip} 10.1.0.1 weight 10`);
    await bela.stage(`lb as ${vip} 10.1.0.2 weight 20`);
    const buttons = [anna, bela].map((user) => user.page.getByRole('button', { name: 'Apply as revision 4' }));
    await Promise.all(buttons.map((button) => button.waitFor()));
    await Promise.all(buttons.map((button) => button.click()));
    const outcomes = await Promise.all(
      [anna, bela].map(async (user) => {
        const rebase = user.page.getByRole('button', { name: 'Rebase on revision 4' });
        await rebase.or(user.staged.getByText('Nothing is staged')).first().waitFor();
        return (await rebase.count()) === 1;
      }),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const late = outcomes[0] ? anna : bela;
    await late.staged.getByText(new RegExp(`lb as ${vip} 10.1.0.${outcomes[0] ? 1 : 2} weight`)).waitFor();
    await late.page.getByRole('button', { name: 'Rebase on revision 4' }).click();
    expect(await late.apply()).toBe(5);
    expect(await weights()).toMatchObject({ '10.1.0.1': 10, '10.1.0.2': 20 });
    for (const { app } of [anna, bela]) expect(app.problems).toEqual([]);
  });

  async function weights(): Promise<Record<string, number>> {
    const { id } = await anna.reaches('shared', 'connected');
    const shown = await anna.ask<{ ass: { address: string; weight: number }[] }>(id, 'getVip', { params: { vip } });
    return Object.fromEntries(shown.ass.map(({ address, weight }) => [address, weight]));
  }
});
