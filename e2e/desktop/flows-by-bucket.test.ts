import { beforeAll, expect, it } from 'vitest';
import { describeDesktop } from '../support/electron-needs.js';

await describeDesktop('desktop app, flows by bucket', (desktop) => {
  beforeAll(async () => {
    await desktop.startApp();
    await desktop.user.show('Buckets');
  });

  it('counts as many in a bucket as it lists there', async () => {
    const { page } = desktop;
    await page.getByRole('radio', { name: 'by flows' }).click();
    await page.getByText(/Flows as of/).waitFor();
    const map = page.getByRole('application');
    await map.focus();
    await page.keyboard.press('Home');
    // Flows are spread over all buckets: among the first hundred there are some with flows.
    const here = page.getByText(/· [1-9][\d,]* flows? here/);
    for (let i = 0; i < 100 && !(await here.isVisible()); i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    // Counted again with the list: there may be more by then.
    const listed = page.getByRole('region', { name: /^Flows in bucket/ });
    await listed.waitFor();
    const [, bucket, counted] = /bucket ([\d,]+).* · ([\d,]+ flows?) here/.exec((await here.textContent()) ?? '')!;
    await page
      .getByRole('region', { name: `Flows in bucket ${bucket}` })
      .getByText(counted!, { exact: true })
      .waitFor();
    expect(await listed.getByRole('listitem').count()).toBe(Number.parseInt(counted!.replaceAll(',', ''), 10));
    expect(desktop.app.problems).toEqual([]);
  });
});
