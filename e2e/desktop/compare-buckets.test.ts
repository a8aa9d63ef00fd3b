import { beforeAll, expect, it } from 'vitest';
import { seriousProblems } from '../support/accessibility.js';
import { describeDesktop } from '../support/electron-needs.js';
import { until } from '../support/until.js';

const vip = '203.0.113.0/24';
const gone = '10.1.0.2';

interface VipPlan {
  readonly moved: number;
  readonly buckets: number;
  readonly moves: readonly { readonly from: string | null; readonly to: string | null; readonly buckets: number }[];
}

await describeDesktop('desktop app, two states side by side', (desktop) => {
  const planOf = async (body: object): Promise<VipPlan> => {
    const { vips } = await desktop.user.ask<{ vips: VipPlan[] }>('embedded', 'plan', { body });
    return vips[0]!;
  };
  const plain = (text: string | null): string => text!.replace(/[, ]/g, '').trim();
  /** What the view says: how many buckets differ, and from which AS to which. */
  const shown = async () => {
    const moves = desktop.page.getByRole('grid', { name: 'Buckets that differ' }).getByRole('row');
    const rows = (await moves.count()) === 0 ? [] : (await moves.allInnerTexts()).slice(1);
    const summary = desktop.page.getByText(/ of .* buckets differ/);
    return {
      summary: (await summary.count()) === 0 ? '' : plain(await summary.textContent()),
      moves: rows.map((row) => row.split('\n').slice(0, 3).map(plain).join(' ')).sort(),
    };
  };
  /** Waits until the view says what the daemon plans. */
  const agrees = async (what: string, planned: VipPlan) => {
    expect(planned.moved).toBeGreaterThan(0);
    const moves = planned.moves.map(({ from, to, buckets }) => `${from ?? 'noserver'} ${to ?? 'noserver'} ${buckets}`);
    return until(what, async () => {
      const now = await shown();
      const isSame = now.summary.startsWith(`${planned.moved}of${planned.buckets}bucketsdiffer`);
      return isSame && now.moves.join() === moves.sort().join();
    });
  };
  const choose = (side: 'left' | 'right', state: string) =>
    desktop.page.getByLabel(`state on the ${side}`).selectOption(state);

  beforeAll(async () => {
    await desktop.startApp();
  });

  it('now and staged differ by as many buckets as the daemon plans', async () => {
    const { page } = desktop;
    await desktop.user.show('VIPs');
    await page.getByRole('row', { name: vip }).dblclick();
    await page.getByRole('grid', { name: 'Application servers' }).getByText(gone, { exact: true }).click();
    const columns = page.getByRole('grid', { name: 'Application servers' }).getByRole('columnheader');
    expect(await columns.allInnerTexts()).toEqual(expect.arrayContaining(['Share', 'Ideal']));
    await page.keyboard.press('Delete');
    // What serves and what is staged are two things from here on.
    await expect.poll(() => columns.allInnerTexts()).toEqual(expect.arrayContaining(['Share now', 'Staged ideal']));
    await desktop.user.show('Buckets');
    await page.getByRole('radio', { name: 'compare two states' }).click();
    await agrees('app and daemon agree', await planOf({ lines: [`lb as ${vip} ${gone} del`] }));
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await desktop.app.screenshot(`compare-${colorScheme}`);
      expect(await seriousProblems(page)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'dark' });
  });

  it('both maps are pointed at, zoomed and moved as one, by keys', async () => {
    const { page } = desktop;
    const [left, right] = [page.getByRole('application').nth(0), page.getByRole('application').nth(1)];
    const picture = () => page.evaluate("document.querySelectorAll('.bucket-canvas')[1].toDataURL()");
    const before = await picture();
    await left.focus();
    for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    const line = page.locator(`[id="${await right.getAttribute('aria-describedby')}"]`);
    await until('the bucket is told in words', async () => /^bucket 2: now /.test((await line.textContent())!));
    expect(before).toMatch(/^data:image.png/);
    for (let n = 0; n < 6; n++) await page.keyboard.press('+');
    await until('the other map has followed', async () => (await picture()) !== before);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await desktop.app.screenshot(`compare-zoomed-${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.keyboard.press('0');
  });

  it('so do a revision and now, and two revisions', async () => {
    const { page } = desktop;
    const forth = await planOf({ lines: [`lb as ${vip} ${gone} del`] });
    await page.getByRole('button', { name: /^Apply as revision 2/ }).click();
    await page.getByText('Applied as revision 2').waitFor();
    // Nothing is staged any longer: the revision before stands in its place.
    const back = await planOf({ revision: 1 });
    await agrees('now against revision 1', back);
    await choose('left', '1');
    await choose('right', '2');
    await agrees('revision 1 against revision 2', forth);
    await choose('left', '2');
    await page.getByText('No bucket differs').waitFor();
    expect(desktop.app.problems).toEqual([]);
  });
});
