import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IMAGE_LAYOUT_VERSION } from '../src/image/layout.js';
import { libraryPath, nativeLibrary } from '../src/native/index.js';

const missing = existsSync(libraryPath()) ? undefined : 'the native library is not built';
const describeNative = missing === undefined ? describe : describe.skip;
const title = missing === undefined ? 'a native library' : `a native library (skipped: ${missing})`;

describeNative(title, () => {
  it('that was built for other tables is not used', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lb-library-'));
    try {
      // Every function that the library has, all of which return one number.
      const symbols = execFileSync('nm', ['-D', '--defined-only', libraryPath()], { encoding: 'utf8' });
      const names = [...symbols.matchAll(/ T (lbq_\w+)$/gm)].map(([, name]) => name);
      expect(names).toContain('lbq_layout');
      const source = join(folder, 'other.c');
      writeFileSync(
        source,
        names.map((name) => `int ${name}(void) { return ${IMAGE_LAYOUT_VERSION - 1}; }\n`).join(''),
      );
      const other = join(folder, 'liblbqueue.so');
      execFileSync('cc', ['-shared', '-fPIC', '-o', other, source]);
      expect(() => nativeLibrary(other)).toThrow(
        expect.objectContaining({
          code: 'LB_NATIVE_LIBRARY',
          message: expect.stringContaining(`layout ${IMAGE_LAYOUT_VERSION - 1}`),
          hint: expect.stringContaining('npm run setup'),
        }),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
