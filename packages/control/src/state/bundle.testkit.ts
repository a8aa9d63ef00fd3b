import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The little of vite's interface that is used here; it comes with vitest and is no dependency of its own. */
interface Vite {
  build(config: object): Promise<unknown>;
}

export interface Bundle {
  /** A module of JavaScript. */
  readonly path: string;
  remove(): void;
}

/**
 * A source file and what it imports as one module, for a process of its own, which no test runner transforms. It lies
 * where the package's dependencies can be found.
 * @param source path below `src`
 */
export async function bundle(source: string): Promise<Bundle> {
  const fromVitest = createRequire(createRequire(import.meta.url).resolve('vitest/package.json'));
  const vite: Vite = await import(pathToFileURL(fromVitest.resolve('vite')).href);
  const folder = mkdtempSync(fileURLToPath(new URL('../../node_modules/.bundle-', import.meta.url)));
  await vite.build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: [/^@lb\//], resolve: { conditions: ['@lb/source'] } },
    build: {
      ssr: fileURLToPath(new URL(`../${source}`, import.meta.url)),
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      rollupOptions: { output: { entryFileNames: 'module.mjs' } },
    },
  });
  return { path: join(folder, 'module.mjs'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
