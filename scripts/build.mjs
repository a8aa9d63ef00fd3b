import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, root } from './repository.mjs';
import { runPnpm } from './run.mjs';

/**
 * Builds every package and app that changed since the last build.
 * @returns {Promise<number>} exit status
 */
export function build() {
  forgetLostProducts();
  return runPnpm(['exec', 'turbo', 'run', 'build', '--output-logs=errors-only']);
}

/**
 * `tsc -b` trusts its build information and does not look whether the products are there: where somebody removed a dist
 * folder, the information has to go too.
 */
function forgetLostProducts() {
  const information = ['packages', 'apps'].flatMap((folder) => filesBelow(folder, (name) => name !== 'node_modules'));
  for (const path of information.filter((name) => name.endsWith('.tsbuildinfo'))) {
    if (!existsSync(join(root, path, '..', 'dist'))) rmSync(join(root, path));
  }
}
