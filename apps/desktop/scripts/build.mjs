import { join } from 'node:path';
import { build } from 'vite';

/** Builds the whole app into build/: main process, preload script, and the page. */
const folder = join(import.meta.dirname, '..');
// Whoever builds it, as a test does with another value: else it would be React's development form, several times as slow.
process.env.NODE_ENV = 'production';
for (const mode of ['main', 'preload', 'daemon']) {
  await build({ configFile: join(folder, 'vite.main.config.ts'), mode, logLevel: 'warn' });
}
await build({ configFile: join(folder, 'vite.renderer.config.ts'), logLevel: 'warn' });
