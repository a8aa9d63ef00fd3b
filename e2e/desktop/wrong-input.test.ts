import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Locator } from '../support/electron-driver.js';
import { describeDesktop } from '../support/electron-needs.js';
import { FORMS } from '../support/forms.js';
import { repositoryRoot } from '../support/paths.js';
import { until } from '../support/until.js';

const renderer = join(repositoryRoot, 'apps/desktop/src/renderer');

/** Files that draw fields of which the tests below speak one by one. */
const SPOKEN_OF = ['app/palette.tsx', 'staged/apply-bar.tsx', 'vips/confirm-name.tsx'];

/** Fields of a VIP that offer what there is to choose, so that nothing wrong can be. */
const CHOSEN = [
  'Protocol',
  'Encapsulation',
  'Type',
  'All flows of a client to one AS',
  'When no AS takes new flows',
  'Health check',
  'Verify the certificate',
  'Way',
];

/** Likewise of the settings. */
const CHOSEN_SETTINGS = ['Hash of flows', 'Filling of new-flow tables'];

await describeDesktop('desktop app, wrong input', (desktop) => {
  beforeAll(async () => {
    await desktop.startApp();
    await desktop.user.show('VIPs');
    await desktop.page.getByRole('row', { name: '203.0.113.0/24' }).waitFor();
  });

  // What one leaves open would be in the way of all after it.
  afterEach(async () => {
    await desktop.page.keyboard.press('Escape');
    await desktop.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('is tried in every file that draws a field', () => {
    const files = readdirSync(renderer, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.tsx') && /<(input|textarea)\b/.test(readFileSync(join(renderer, name), 'utf8')))
      .map((name) => relative('.', name));
    const known = new Set([...FORMS.flatMap(({ source }) => source), ...SPOKEN_OF]);
    expect(files.sort()).toEqual([...known].sort());
  });

  it('is tried in every field of a VIP', () => {
    const source = readFileSync(join(renderer, 'vips/vip-form.ts'), 'utf8');
    const labels = [...source.matchAll(/\b(?:of|ofCheck)\('\w+', '([^']+)'/g)].map(([, label]) => label!);
    const tried = FORMS.filter(({ name }) => name.startsWith('a VIP')).flatMap(({ wrong }) => Object.keys(wrong));
    expect([...new Set(tried), ...CHOSEN].sort()).toEqual([...labels, 'Application servers'].sort());
  });

  it('is tried in every field of the settings', () => {
    const source = readFileSync(join(renderer, 'settings/settings-form.ts'), 'utf8');
    const labels = [...source.matchAll(/\b(?:of|interfaces)\('\w+', '([^']+)'/g)].map(([, label]) => label!);
    const tried = FORMS.filter(({ name }) => name.startsWith('settings')).flatMap(({ wrong }) => Object.keys(wrong));
    expect([...tried, ...CHOSEN_SETTINGS].sort()).toEqual(labels.sort());
  });

  it.each(FORMS)('is refused at its field: $name', async (form) => {
    if (!form.name.startsWith('flows') && form.name !== 'explain') await desktop.user.show('VIPs');
    const root = await form.open(desktop.user);
    for (const [label, choice] of Object.entries(form.choices ?? {})) {
      await root.getByLabel(label, { exact: true }).selectOption(choice);
    }
    for (const [label, text] of Object.entries(form.right ?? {})) await field(root, label).fill(text);
    // Every field there is has something wrong to try, and all that is to be tried has a field.
    const expected = [...Object.keys(form.wrong), ...(form.free ?? [])];
    expect((await labelsIn(root)).sort()).toEqual(expected.sort());

    for (const [label, [text, reason]] of Object.entries(form.wrong)) {
      const control = field(root, label);
      const before = await control.inputValue();
      await control.fill(text);
      await form.submit(root);
      const said = await until(`${label} says what is wrong`, () => reasonAt(control));
      expect(said, label).toMatch(reason);
      expect(await control.inputValue(), label).toBe(text.trim());
      expect(await root.locator('[aria-invalid="true"]').count(), label).toBe(1);
      await control.fill(before);
    }
    // All that was right is there still.
    for (const [label, text] of Object.entries(form.right ?? {}))
      expect(await field(root, label).inputValue()).toBe(text);
    const cancel = root.getByRole('button', { name: 'Cancel' });
    if ((await cancel.count()) > 0) await cancel.click();
    await desktop.user.staged.getByText('Nothing is staged').waitFor();
    expect((await desktop.user.daemons()).map(({ name }) => name)).toEqual(['Built in']);
    expect((await desktop.user.ask<{ revision: number }>('embedded', 'getStatus')).revision).toBe(1);
  });

  it('is refused line by line in the palette, where it stays to be mended', async () => {
    const { page } = desktop;
    const lines = 'lb as 203.0.113.0/24 10.1.0.1 weight 50\nlb as 203.0.113.0/24 10.1.0.1 weihgt 50';
    await page.keyboard.press('Control+k');
    const box = page.getByRole('combobox', { name: /command lines/ });
    await box.fill(lines);
    await page.keyboard.press('Enter');
    await page
      .getByRole('dialog')
      .getByRole('alert')
      .getByText(/weihgt/)
      .waitFor();
    expect(await box.inputValue()).toBe(lines);
    await page.keyboard.press('Escape');
    await desktop.user.staged.getByText('Nothing is staged').waitFor();
  });

  it('is no name: what many flows would notice is not staged', async () => {
    const { page } = desktop;
    await desktop.user.show('VIPs');
    await page.getByRole('row', { name: '203.0.113.0/24' }).dblclick();
    for (const [open, action] of [
      ['Remove VIP…', 'Stage the removal'],
      ['Flush…', 'Stage the flush'],
    ] as const) {
      await page.getByRole('main').getByRole('button', { name: 'More' }).first().click();
      await page.getByRole('menuitem', { name: open }).click();
      const typed = page.getByLabel('Type 203.0.113.0/24 to go on');
      await typed.fill('203.0.113.0/25');
      await typed.press('Enter');
      expect(await page.getByRole('button', { name: action }).isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Cancel' }).click();
    }
    await desktop.user.staged.getByText('Nothing is staged').waitFor();
    expect(desktop.app.problems).toEqual([]);
  });
});

function field(root: Locator, label: string): Locator {
  return root.getByLabel(label, { exact: true });
}

/** What is looked at of a field in the page. */
interface FieldElement {
  readonly labels: Iterable<{ readonly textContent: string }>;
  getAttribute(name: string): string | null;
}

/** Labels of the fields that take text and can be changed. */
function labelsIn(root: Locator): Promise<string[]> {
  const texts = 'input:not([type=checkbox]):not([type=range]):not(:disabled), textarea:not(:disabled)';
  return root
    .locator(texts)
    .evaluateAll((fields) =>
      (fields as unknown as FieldElement[]).map(
        (field) => field.getAttribute('aria-label') ?? [...field.labels].map(({ textContent }) => textContent).join(),
      ),
    );
}

/** The reason that a field is marked wrong for; undefined if it is not. */
async function reasonAt(control: Locator): Promise<string | undefined> {
  if ((await control.getAttribute('aria-invalid')) !== 'true') return undefined;
  const id = await control.getAttribute('aria-describedby');
  return (await control.page().locator(`[id="${id}"][role=alert]`).textContent()) ?? undefined;
}
