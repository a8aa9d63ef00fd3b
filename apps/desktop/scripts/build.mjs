import { join } from 'node:path';
import { build } from 'vite';

/** Builds the whole app into build/: main process, preload script, and the page. */
const folder = join(import.meta.dirname, '..');
for (const mode of ['main', 'preload']) {
  await build({ configFile: join(folder, 'vite.main.config.ts'), mode, logLevel: 'warn' });
}
await build({ configFile: join(folder, 'vite.renderer.config.ts'), logLevel: 'warn' });
