import { describe } from 'vitest';
import { missingPackages, type SystemPackage } from '../../scripts/system-packages.mjs';
import { type ElectronRuntime, findElectron } from './electron-runtime.js';

/** Where Debian has libraries of this machine's architecture. */
const libraries = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
const neededBy = 'e2e: the desktop app';

/** Debian's package names. Set-up does not install them, as these tests are no part of `npm test` yet. */
const needed: readonly SystemPackage[] = [
  { name: 'xvfb', probe: 'Xvfb', neededBy },
  { name: 'libgtk-3-0', probe: `${libraries}/libgtk-3.so.0`, neededBy },
  { name: 'libnss3', probe: `${libraries}/libnss3.so`, neededBy },
  { name: 'libasound2', probe: `${libraries}/libasound.so.2`, neededBy },
  { name: 'libgbm1', probe: `${libraries}/libgbm.so.1`, neededBy },
];

/** Tests of the desktop app where it can run; elsewhere they are skipped, with the reason in their names. */
export async function describeDesktop(title: string, body: (runtime: ElectronRuntime) => void): Promise<void> {
  const missing = process.platform === 'linux' ? missingPackages(needed) : [];
  const found = await (missing.length > 0
    ? `it needs the packages ${missing.map(({ name }) => name).join(' ')}`
    : findElectron().catch((error: Error) => error.message));
  if (typeof found === 'string')
    describe.skip(`${title} (skipped: ${found})`, () => body({ executable: '', args: [] }));
  else describe(title, () => body(found));
}
