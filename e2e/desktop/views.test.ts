import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DesktopApp } from '../support/electron-app.js';
import { VirtualDisplay } from '../support/electron-display.js';
import { describeDesktop } from '../support/electron-needs.js';
import { repositoryRoot } from '../support/paths.js';
import { until } from '../support/until.js';

/** What axe-core reports, as far as it is looked at. */
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

await describeDesktop('desktop app, views', (runtime) => {
  const folder = mkdtempSync(join(tmpdir(), 'lb-desktop-'));
  let display: VirtualDisplay;
  let app: DesktopApp;

  beforeAll(async () => {
    display = await VirtualDisplay.start();
    app = await DesktopApp.start({ runtime, display: display.name, folder });
    const axe = join(repositoryRoot, 'apps/desktop/node_modules/axe-core/axe.min.js');
    await app.page.evaluate(`${readFileSync(axe, 'utf8')}; null`);
    await app.page.getByRole('table').or(app.page.getByRole('grid')).first().waitFor();
  });

  afterAll(async () => {
    await app?.close();
    await display?.stop();
    rmSync(folder, { recursive: true });
  });

  it.each(['dark', 'light'] as const)('all can be read by everybody, %s', async (colorScheme) => {
    const { page } = app;
    await page.emulateMedia({ colorScheme });
    const views = await page.locator('nav button[class~=nav-item]:not(.nav-daemon *)').allInnerTexts();
    const names = views.map((text) => text.split('\n')[0]!).filter((name) => !name.endsWith('…'));
    expect(names).toContain('Overview');
    const found: string[] = [];
    for (const name of names) {
      await page
        .getByRole('navigation')
        .getByRole('button', { name: new RegExp(`^${name}`) })
        .click();
      await until(`${name} is there`, async () => (await page.locator('main h1, main h2').count()) > 0);
      await app.screenshot(`view-${name.toLowerCase().replace(/\W+/g, '-')}-${colorScheme}`);
      const report = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
        violations: Violation[];
        passes: object[];
      };
      expect(report.passes.length, 'rules that were looked at').toBeGreaterThan(10);
      for (const { id, impact, nodes } of report.violations) {
        if (impact !== 'serious' && impact !== 'critical') continue;
        for (const { target, failureSummary } of nodes) found.push(`${name}: ${id}: ${target}: ${failureSummary}`);
      }
    }
    expect(found).toEqual([]);
    expect(app.problems).toEqual([]);
  });
});
