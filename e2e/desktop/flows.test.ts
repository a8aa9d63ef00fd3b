import { beforeAll, expect, it } from 'vitest';
import { seriousProblems } from '../support/accessibility.js';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

const vip = '203.0.113.0/24';

interface Sample {
  readonly vips: readonly { readonly id: string; readonly ass: readonly { address: string; flows: number }[] }[];
}

await describeDesktop('desktop app, flows', (desktop) => {
  const counters = () => desktop.user.ask<Sample>('embedded', 'getCounters');
  /** What the chart's legend has: names with their latest values. */
  const legend = async (): Promise<ReadonlyMap<string, number>> => {
    const rows = (await desktop.page.evaluate(
      "[...document.querySelectorAll('.u-series')].map((row) => [row.querySelector('.u-label').textContent, row.querySelector('.u-value').textContent])",
    )) as [string, string][];
    return new Map(rows.map(([name, value]) => [name, Number(value.replace(/,/g, ''))]));
  };

  beforeAll(async () => {
    await desktop.startApp();
    await desktop.user.show('Flows');
  });

  it('are counted over time, by AS and by VIP, as the daemon counts them', async () => {
    const { page } = desktop;
    await page.getByLabel('VIP', { exact: true }).selectOption(vip);
    await page.getByRole('heading', { name: `Flows of each AS of ${vip}` }).waitFor();
    // Generated traffic has all its flows after a while; from then on the counts stay.
    await until(
      'the chart tells of each AS',
      async () => {
        const { vips } = await counters();
        const ass = vips.find(({ id }) => id === vip)!.ass;
        const shown = await legend();
        const isSame = ass.every(({ address, flows }) => shown.get(address) === flows);
        return isSame && ass.filter(({ flows }) => flows > 0).length >= 2;
      },
      60_000,
    );
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await desktop.app.screenshot(`flows-${colorScheme}`);
      expect(await seriousProblems(page)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByRole('radio', { name: 'by VIP' }).click();
    await page.getByRole('heading', { name: 'Flows of each VIP' }).waitFor();
    await until('the chart tells of each VIP', async () => {
      const { vips } = await counters();
      const shown = await legend();
      return vips.every(({ id, ass }) => shown.get(id) === ass.reduce((sum, { flows }) => sum + flows, 0));
    });
  });

  it('a flow is explained, and found in its bucket', async () => {
    const { page } = desktop;
    const grid = page.getByRole('grid', { name: 'Established flows' });
    const row = grid.getByRole('row').nth(1);
    const [client, destination, protocol, , as, bucket] = (await row.getByRole('gridcell').allInnerTexts()).map(
      (text) => text.trim(),
    );
    await row.click();
    await page.getByRole('button', { name: /^Show its bucket/ }).click();
    await page.getByRole('heading', { name: `Flows in bucket ${bucket}` }).waitFor();
    await page.getByText(`${client} > ${destination}/${protocol} on ${as}`).waitFor();
    await page.getByRole('radio', { name: 'by flows' }).click();
    await page.getByText('the fullest bucket').waitFor();
    await desktop.app.screenshot('bucket-of-flow');

    await desktop.user.show('Flows');
    await page.getByLabel('Find one flow').fill(`${client} > ${destination}/${protocol}`);
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page
      .getByRole('status')
      .filter({ hasText: `is on AS ${as}` })
      .waitFor();
    await page.locator('form').getByRole('button', { name: 'Explain' }).click();
    await page.getByText(`established flow: AS ${as}`).waitFor();
    expect(desktop.app.problems).toEqual([]);
  });

  it('have the state of their connection, by which the list is narrowed', async () => {
    const { page } = desktop;
    await desktop.user.show('Flows');
    const grid = page.getByRole('grid', { name: 'Established flows' });
    const states = async () => {
      const rows = (await grid.getByRole('row').all()).slice(1);
      const cells = await Promise.all(rows.map((row) => row.getByRole('gridcell').allInnerTexts()));
      return cells.map((texts) => `${texts[2]!.trim()} ${texts[6]!.trim()}`);
    };
    await page.getByLabel('VIP', { exact: true }).selectOption('');
    const filter = page.getByLabel('State', { exact: true });
    await filter.selectOption('established');
    // Generated traffic has no SYN and no FIN, and UDP has no state.
    await until('only TCP is listed', async () => new Set(await states()).size === 1);
    expect(new Set(await states())).toEqual(new Set(['tcp established']));
    await desktop.app.screenshot('flows-established');
    await filter.selectOption('opening');
    await page.getByText('No established flow is let through by this filter.').waitFor();
    await page.getByText('0 opening, 0 closing').waitFor();
    await filter.selectOption('');
    await until('UDP is listed again', async () => (await states()).includes('udp –'));
    expect(desktop.app.problems).toEqual([]);
  });

  it('are thousands in a list of which only some rows exist', async () => {
    const { page } = desktop;
    await desktop.user.show('Flows');
    const grid = page.getByRole('grid', { name: 'Established flows' });
    await grid.waitFor();
    const rows = async () => Number(await grid.getAttribute('aria-rowcount'));
    await page.getByRole('button', { name: 'Read more flows' }).click();
    await until('ten thousand flows are listed', async () => (await rows()) > 10_000, 30_000);
    await page.getByRole('button', { name: /^Pause/ }).click();
    await grid.getByRole('button', { name: 'client' }).click();
    await grid.focus();
    await page.keyboard.press('End');
    const last = await rows();
    await grid.locator(`[aria-rowindex="${last}"]`).waitFor();
    expect(await grid.getByRole('row').count()).toBeLessThan(100);
    expect(desktop.app.problems).toEqual([]);
  });
});
