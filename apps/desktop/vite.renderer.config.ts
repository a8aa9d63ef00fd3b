import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The renderer: files beside index.html, found by relative paths. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  resolve: { conditions: ['@lb/source', 'module', 'browser', 'import', 'default'] },
  build: {
    target: 'chrome114',
    outDir: 'build/renderer',
    emptyOutDir: true,
    // Inlined files would be data: addresses, which the policy of the page does not allow for all kinds.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4096,
  },
});
