import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { root } from './repository.mjs';

/** A small workspace that breaks no rule, linked as pnpm links it. */
const cleanTree: Record<string, string> = {
  'packages/core/src/index.ts': "export { one } from './one.js';",
  'packages/core/src/one.ts': 'export const one = 1; export type One = 1;',
  'packages/core/src/one.test.ts': "import 'node:fs';",
  'packages/encap/src/index.ts': "export { one } from '@lb/core';",
  'packages/dataplane/src/index.ts': "import 'koffi'; import 'node:fs'; export { one } from '@lb/encap';",
  'packages/dataplane/src/stage.ts': 'export const stage = 1;',
  'packages/dataplane/model/balancer.ts': "export { one } from '@lb/dataplane';",
  'packages/dataplane/test/model.test.ts': "export { one } from '../model/balancer.js';",
  'packages/control/src/index.ts': "export { one } from '@lb/dataplane';",
  'packages/control/src/client/index.ts': 'export const client = 1;',
  'packages/control/src/api/index.ts': 'export const api = 1;',
  'packages/control/src/load-file.ts': "import 'node:fs';",
  'apps/lb/src/main.ts': "import '@lb/control';",
  'apps/desktop/src/main/main.ts': "import '@lb/control/client'; import 'electron'; import 'node:fs';",
  'apps/desktop/src/shared/contract.ts': "export type { client } from '@lb/control/client';",
  'apps/desktop/src/renderer/app.tsx':
    "import '@lb/core'; import '@lb/control'; import type { client } from '@lb/control/client'; export type Client = typeof client;",
};

/** One forbidden import each: a file added to the tree, what it says, and the rule that has to catch it. */
const offences: [path: string, text: string, rule: string][] = [
  ['packages/core/src/upward.ts', "export { one } from '@lb/dataplane';", 'core-uses-no-other-package'],
  ['packages/core/src/upward-type.ts', "export type { one } from '@lb/encap';", 'core-uses-no-other-package'],
  ['packages/encap/src/upward.ts', "import '@lb/control';", 'encap-uses-core'],
  ['packages/dataplane/src/upward.ts', "import '@lb/control';", 'dataplane-uses-core-and-encap'],
  [
    'packages/control/src/upward.ts',
    "import '../../../apps/lb/src/main.js';",
    'control-uses-core-and-encap-and-dataplane',
  ],
  ['apps/lb/src/sideways.ts', "import '../../desktop/src/main/main.js';", 'apps-stand-apart'],
  ['packages/encap/src/reads-files.ts', "import 'node:fs';", 'pure-packages-do-no-io'],
  ['packages/dataplane/model/peeks.ts', "import '../src/stage.js';", 'no-product-in-the-model'],
  ['packages/dataplane/src/leans.ts', "import '../model/balancer.js';", 'no-model-in-the-product'],
  ['packages/control/src/native.ts', "import 'koffi';", 'koffi-in-dataplane-only'],
  ['apps/desktop/src/renderer/server.ts', "import '@lb/control/api';", 'renderer-uses-core-and-the-model'],
  ['apps/desktop/src/renderer/file.ts', "import '@lb/control/load-file';", 'renderer-uses-core-and-the-model'],
  ['apps/desktop/src/renderer/engine.ts', "import '@lb/dataplane';", 'renderer-uses-core-and-the-model'],
  ['apps/desktop/src/renderer/main.ts', "import '../main/main.js';", 'renderer-uses-core-and-the-model'],
  ['apps/desktop/src/renderer/client.ts', "import '@lb/control/client';", 'renderer-knows-the-client-by-type'],
  ['apps/desktop/src/shared/client.ts', "import '@lb/control/client';", 'renderer-knows-the-client-by-type'],
  ['apps/desktop/src/renderer/socket.ts', "import 'node:net';", 'renderer-does-no-io'],
  ['apps/desktop/src/renderer/shell.ts', "import 'electron';", 'electron-in-main-and-preload'],
  ['packages/core/src/circle.ts', "import './circle.js';", 'no-cycle'],
  ['packages/core/src/lost.ts', "import './nowhere.js';", 'resolvable'],
];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

it('accepts a workspace whose arrows point the right way', () => {
  expect(brokenRules(cleanTree)).toEqual([]);
}, 60_000);

it('catches each forbidden import, and only those', () => {
  const added = Object.fromEntries(offences.map(([path, text]) => [path, text]));
  const expected = offences.map(([path, , rule]) => `${path}: ${rule}`);
  expect(brokenRules({ ...cleanTree, ...added }).sort()).toEqual(expected.sort());
}, 60_000);

/** Writes the tree to a folder of its own and runs the repository's rules over it: `<file>: <rule>` for each offence. */
function brokenRules(tree: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'lb-arrows-'));
  folders.push(folder);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(tree)) write(path, text);
  for (const name of ['core', 'encap', 'dataplane', 'control']) {
    const exports = {
      '.': { '@lb/source': './src/index.ts' },
      './api': { '@lb/source': './src/api/index.ts' },
      './client': { '@lb/source': './src/client/index.ts' },
      './load-file': { '@lb/source': './src/load-file.ts' },
    };
    write(`packages/${name}/package.json`, JSON.stringify({ name: `@lb/${name}`, type: 'module', exports }));
    mkdirSync(join(folder, 'node_modules/@lb'), { recursive: true });
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@lb', name), 'junction');
  }
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.cjs');
  const args = [cruiser, 'packages', 'apps', '--config', config, '--output-type', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (!stdout) throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`);
}
