import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from './electron-driver.js';
import { repositoryRoot } from './paths.js';

interface Report {
  readonly passes: readonly object[];
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
  }[];
}

/** What axe-core finds serious or worse in what is on screen. */
export async function seriousProblems(page: Page): Promise<string[]> {
  const axe = join(repositoryRoot, 'apps/desktop/node_modules/axe-core/axe.min.js');
  await page.evaluate(`globalThis.axe === undefined && (() => { ${readFileSync(axe, 'utf8')} })(); null`);
  const { passes, violations } = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as Report;
  if (passes.length <= 10) throw new Error('axe-core has looked at next to nothing');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`));
}
