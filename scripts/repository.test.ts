import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { manifest, manifestPaths, root, sourceFiles } from './repository.mjs';

const text = (path: string) => readFileSync(join(root, path), 'utf8');

it('names no package registry, so that any configured one serves', () => {
  const registry = /\/\/[\w.-]*(registry|npmjs|artifactory|nexus|verdaccio)[\w.-]*[.][a-z]{2,}/i;
  const offenders = sourceFiles().filter((path) => !/[.](pcap|pcapng|png)$/.test(path) && registry.test(text(path)));
  expect(offenders).toEqual([]);
  expect(text('pnpm-lock.yaml')).not.toMatch(/tarball:/);
});

it('knows every workspace package', () => {
  expect(manifestPaths()).toEqual(
    expect.arrayContaining(['package.json', 'apps/lb/package.json', 'packages/core/package.json']),
  );
});

it('names exact versions and workspace links only', () => {
  const ranges = manifestPaths().flatMap((path) => {
    const { dependencies = {}, devDependencies = {} } = manifest(path);
    return Object.entries({ ...dependencies, ...devDependencies })
      .filter(([, version]) => !/^(\d+[.]\d+[.]\d+|workspace:[*])$/.test(version))
      .map(([name, version]) => `${path}: ${name} ${version}`);
  });
  expect(ranges).toEqual([]);
});

it('has the files that a reader looks for first', () => {
  for (const path of ['README.md', 'LICENSE', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
    expect(existsSync(join(root, path)), path).toBe(true);
  }
});
