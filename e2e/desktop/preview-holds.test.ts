import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DesktopApp } from '../support/electron-app.js';
import { VirtualDisplay } from '../support/electron-display.js';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

const vip = '203.0.113.0/24';
const gone = '10.1.0.2';

interface DaemonPlan {
  readonly vips: readonly { readonly moved: number; readonly flows: { readonly kept: number; readonly cut: number } }[];
}

await describeDesktop('desktop app, preview', (runtime) => {
  const folder = mkdtempSync(join(tmpdir(), 'lb-desktop-'));
  let display: VirtualDisplay | undefined;
  let app: DesktopApp;

  const api = async <T>(operation: string, call: object): Promise<T> => {
    const input = JSON.stringify({ daemon: 'embedded', operation, call });
    return ((await app.page.evaluate(`window.lb.call('api.call', ${input})`)) as { value: T }).value;
  };
  /** The server of each bucket, as the workers have it. */
  const servers = () =>
    app.page.evaluate(
      `window.lb.call('api.buckets', {daemon: 'embedded', vip: '${vip}'}).then(({ ass, buckets }) => Array.from(buckets, (index) => ass[index]))`,
    ) as Promise<string[]>;
  /** A figure of the staged change without marks between thousands, or undefined while it is not there. */
  const figure = async (name: string) => {
    const value = app.page
      .getByRole('complementary')
      .locator('dt', { hasText: name })
      .locator('xpath=following-sibling::dd[1]');
    return (await value.count()) === 1 ? (await value.textContent())!.replace(/,/g, '') : undefined;
  };

  beforeAll(async () => {
    display = await VirtualDisplay.start();
    app = await DesktopApp.start({ runtime, display: display.name, folder });
  });

  afterAll(async () => {
    await app?.close();
    await display?.stop();
    rmSync(folder, { recursive: true });
  });

  it('moves the buckets and keeps the flows that it said it would', async () => {
    const { page } = app;
    await page.getByRole('navigation').getByRole('button', { name: /^VIPs/ }).click();
    await page.getByRole('row', { name: vip }).dblclick();
    await page.getByRole('grid', { name: 'Application servers' }).getByText(gone, { exact: true }).click();
    await page.keyboard.press('Delete');
    const lines = [`lb as ${vip} ${gone} del`];
    // Generated traffic has all its flows after a while; the app looks at them again every other second.
    const said = await until(
      'app and daemon reckon alike',
      async () => {
        const { moved, flows } = (await api<DaemonPlan>('plan', { body: { lines } })).vips[0]!;
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
    expect(app.problems).toEqual([]);
  });
});
