import { beforeAll, expect, it } from 'vitest';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

const vip = '203.0.113.0/24';
const gone = '10.1.0.2';

interface DaemonPlan {
  readonly vips: readonly { readonly moved: number; readonly flows: { readonly kept: number; readonly cut: number } }[];
}

await describeDesktop('desktop app, preview', (desktop) => {
  /** The server of each bucket, as the workers have it. */
  const servers = () =>
    desktop.page.evaluate(
      `window.lb.call('api.buckets', {daemon: 'embedded', vip: '${vip}'}).then(({ ass, buckets }) => Array.from(buckets, (index) => ass[index]))`,
    ) as Promise<string[]>;
  /** A figure of the staged change without marks between thousands, or undefined while it is not there. */
  const figure = async (name: string) => {
    const value = desktop.page
      .getByRole('complementary')
      .locator('dt', { hasText: name })
      .locator('xpath=following-sibling::dd[1]');
    return (await value.count()) === 1 ? (await value.textContent())!.replace(/,/g, '') : undefined;
  };

  beforeAll(async () => {
    await desktop.startApp();
  });

  it('moves the buckets and keeps the flows that it said it would', async () => {
    const { page } = desktop;
    await desktop.user.show('VIPs');
    await page.getByRole('row', { name: vip }).dblclick();
    await page.getByRole('grid', { name: 'Application servers' }).getByText(gone, { exact: true }).click();
    await page.keyboard.press('Delete');
    const lines = [`lb as ${vip} ${gone} del`];
    // Generated traffic has all its flows after a while; the app looks at them again every other second.
    const said = await until(
      'app and daemon reckon alike',
      async () => {
        const { moved, flows } = (await desktop.user.ask<DaemonPlan>('embedded', 'plan', { body: { lines } })).vips[0]!;
        const same = (await figure('Flows kept')) === `${flows.kept}` && (await figure('Flows cut')) === `${flows.cut}`;
        return flows.kept > 0 && same && { moved, shown: await figure('Buckets that move') };
      },
      30_000,
    );
    const before = await servers();
    expect(before).toContain(gone);
    expect(said.shown).toBe(`${said.moved} of ${before.length}`);
    await page.getByRole('button', { name: /^Apply as revision 2/ }).click();
    await page.getByText('Applied as revision 2').waitFor();
    const after = await servers();
    expect(after).not.toContain(gone);
    expect(after.filter((server, bucket) => server !== before[bucket])).toHaveLength(said.moved);
    expect(desktop.app.problems).toEqual([]);
  });
});
