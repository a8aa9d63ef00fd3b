import { builtinModules } from 'node:module';
import { defineConfig } from 'vite';

/** The main process, or with `--mode preload` the preload script, or `daemon`: one CommonJS file with its libraries inside. */
export default defineConfig(({ mode }) => {
  const name = mode === 'preload' || mode === 'daemon' ? mode : 'main';
  return {
    root: import.meta.dirname,
    publicDir: false,
    resolve: { conditions: ['@lb/source', 'node', 'import', 'default'], mainFields: ['module', 'main'] },
    build: {
      // Electron 25 and newer.
      target: 'node18',
      outDir: `build/${name}`,
      emptyOutDir: true,
      minify: false,
      sourcemap: true,
      lib: { entry: `src/${name}/${name}.ts`, formats: ['cjs'], fileName: () => `${name}.cjs` },
      rolldownOptions: { external: ['electron', ...builtinModules, /^node:/] },
    },
  };
});
