import { afterAll, beforeAll, describe } from 'vitest';
import { missingPackages, systemPackages } from '../../scripts/system-packages.mjs';
import { DesktopFixture } from './desktop-fixture.js';
import { type ElectronRuntime, findElectron } from './electron-runtime.js';
import { type Need, unmetNeeds } from './needs.js';

const needed = systemPackages.filter(({ neededBy }) => neededBy.startsWith('desktop: '));

/**
 * Tests of the desktop app where it, and what they need besides, can run; elsewhere they are skipped, with the reason in their names.
 * They find a folder and a display, and all that they begin by the fixture ends with them.
 */
export async function describeDesktop(
  title: string,
  body: (desktop: DesktopFixture) => void,
  needs: readonly Need[] = [],
): Promise<void> {
  const missing = process.platform === 'linux' ? missingPackages(needed) : [];
  const unmet = unmetNeeds(needs);
  const found = await (missing.length > 0
    ? `it needs the packages ${missing.map(({ name }) => name).join(' ')}`
    : unmet.length > 0
      ? unmet.join(', ')
      : findElectron().catch((error: Error) => error.message));
  if (typeof found === 'string')
    describe.skip(`${title} (skipped: ${found})`, () => body(new DesktopFixture({ executable: '', args: [] })));
  else describe(title, () => run(found, body));
}

function run(runtime: ElectronRuntime, body: (desktop: DesktopFixture) => void): void {
  const desktop = new DesktopFixture(runtime);
  beforeAll(() => desktop.begin());
  // Of all such hooks the first that is named is the last that runs; and it runs, too, where a hook before the tests has failed.
  afterAll(() => desktop.end());
  body(desktop);
}
