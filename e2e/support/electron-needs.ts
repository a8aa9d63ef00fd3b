import { describe } from 'vitest';
import { missingPackages, systemPackages } from '../../scripts/system-packages.mjs';
import { type ElectronRuntime, findElectron } from './electron-runtime.js';
import { type Need, unmetNeeds } from './needs.js';

const needed = systemPackages.filter(({ neededBy }) => neededBy.startsWith('desktop: '));

/** Tests of the desktop app where it, and what they need besides, can run; elsewhere they are skipped, with the reason in their names. */
export async function describeDesktop(
  title: string,
  body: (runtime: ElectronRuntime) => void,
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
    describe.skip(`${title} (skipped: ${found})`, () => body({ executable: '', args: [] }));
  else describe(title, () => body(found));
}
