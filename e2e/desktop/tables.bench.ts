import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, it } from 'vitest';
import { DesktopBench } from '../support/desktop-bench.js';
import { describeDesktop } from '../support/electron-needs.js';

/**
 * Frames of tables with 10,000 rows, an update a second, and how long a change of them takes to be staged.
 *
 *     npx vitest run --config e2e/vitest.desktop-bench.config.ts e2e/desktop/tables
 */
const ROUNDS = 3;
const WAIT_MS = 4000;
const COUNT = 10_000;
const VIPS = Array.from({ length: COUNT }, (_, i) => {
  const name = `${i >> 8}.${i & 255}`;
  const ass = [{ address: `10.1.${name}` }, { address: `10.2.${name}` }];
  return { prefix: `100.${name}.0/24`, encap: 'gre4', newLen: 256, ass };
});
/** A VIP with as many ASs. */
const WIDE = '101.0.0.0/8';

await describeDesktop('tables of the desktop app', (desktop) => {
  let bench: DesktopBench;

  beforeAll(async () => {
    bench = await DesktopBench.start(desktop);
    const { value, revision } = await bench.ask('getConfig', {});
    const ass = VIPS.map((vip) => vip.ass[0]!);
    const wide = { prefix: WIDE, encap: 'gre4', newLen: 65_536, ass };
    const config = value as { vips: object[] };
    await bench.ask('putConfig', { body: { ...config, vips: [...config.vips, wide, ...VIPS] }, ifMatch: revision });
    await bench.show('VIPs');
    await bench.app.page
      .getByText(/^10,00\d$/)
      .first()
      .waitFor();
    await pause(WAIT_MS);
  });
  afterEach(() => bench.print());

  const scroll = (label: string) => () =>
    bench.app.page.evaluate(`new Promise((done) => {
      const table = document.querySelector('[role="grid"][aria-label="${label}"]');
      let n = 0;
      const step = () => {
        table.scrollTop = n++ * 60;
        if (n < 300) requestAnimationFrame(step);
        else done();
      };
      step();
    })`);
  const filter = () => bench.app.page.getByLabel('Filter VIPs');

  it('prints the frames of the table of VIPs', async () => {
    const { page } = bench.app;
    for (let round = 0; round < ROUNDS; round++) {
      await bench.frames('10,000 VIPs, still', () => pause(WAIT_MS));
      await bench.frames('10,000 VIPs, scrolled 60 pixels a frame', scroll('VIPs'));
      for (const column of ['Prefix', 'Packets']) {
        const heading = page.getByRole('columnheader', { name: column });
        await heading.getByRole('button').click();
        await bench.frames(`10,000 VIPs, sorted by ${column.toLowerCase()}`, () => pause(WAIT_MS));
        await heading.getByRole('button').click();
        await heading.getByRole('button').click();
      }
      await bench.frames('10,000 VIPs, a filter typed', () => filter().pressSequentially('100.3 gre4', { delay: 150 }));
      await filter().fill('');
      await bench.show('Overview');
      await bench.settled();
      await bench.frames('10,000 VIPs, overview', () => pause(WAIT_MS));
      await bench.show('VIPs');
    }
  });

  it('prints how long staging takes', async () => {
    const discard = bench.app.page.getByRole('button', { name: 'Discard' });
    const all = VIPS.map(({ prefix, ass }) => `lb as ${prefix} ${ass[0]!.address} weight 50`);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, lines] of [
        ['one of 20,000 ASs', all.slice(round, round + 1)],
        ['an AS of each of 10,000 VIPs', all],
      ] as const) {
        await bench.timed(`staging ${name}, from palette to what it does`, () => bench.stage(lines));
        await bench.frames(`${name} staged`, () => pause(WAIT_MS));
        await discard.click();
      }
    }
    await bench.app.screenshot('tables-bench');
  });

  it('prints the frames of the table of ASs', async () => {
    const { page } = bench.app;
    await filter().fill(WIDE);
    await page.getByRole('grid', { name: 'VIPs' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('grid', { name: 'Application servers' }).waitFor();
    await pause(WAIT_MS);
    for (let round = 0; round < ROUNDS; round++) {
      await bench.frames('10,000 ASs, still', () => pause(WAIT_MS));
      await bench.frames('10,000 ASs, scrolled 60 pixels a frame', scroll('Application servers'));
    }
  });
});
