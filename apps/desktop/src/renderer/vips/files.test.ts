import type { Config } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { createActions, createStores } from '../stores/index.js';
import { configOf, FakeBridge, NOW, oneVip } from '../stores/stores.testkit.js';
import { exportFile, importFile } from './files.js';

const YAML_ONLY = configOf({
  ip4SrcAddress: '192.0.2.254',
  timeout: 50,
  vips: [
    {
      prefix: '90.0.0.0/8',
      mssClamp: 1400,
      check: { type: 'http', port: 80, path: '/up' },
      ass: [{ address: '10.0.0.1', ramp: { from: 1, start: '2026-03-01T12:00:00Z', seconds: 60 } }],
    },
  ],
});

/** A window on a daemon with this configuration; its files are in `disk`. */
function windowOn(config: Config) {
  const disk: { name: string; text: string }[] = [];
  const said: string[] = [];
  const bridge = new FakeBridge({
    'files.save': (file) => disk.push(file) > 0,
    'files.open': () => disk.at(-1) ?? null,
  });
  const stores = createStores(() => NOW);
  stores.staged.getState().follow({ config, revision: 1 });
  return { disk, said, bridge, stores, actions: createActions(bridge, stores, (text) => said.push(text)) };
}

describe('a configuration that is saved and read', () => {
  it.each(['yaml', 'grammar'] as const)('is the same again, as %s', async (kind) => {
    const config = kind === 'yaml' ? YAML_ONLY : oneVip(3, { newLen: 64, lastAs: 'keep' });
    const there = windowOn(configOf({ vips: [{ prefix: '99.0.0.0/8' }] }));
    await exportFile(there.bridge, there.actions, kind, config);
    expect(there.said).toEqual(['Saved']);
    await importFile(there.bridge, there.actions, kind, 'replace');
    expect(there.stores.staged.getState().result).toEqual(config);
    expect(there.stores.staged.getState().edits).toHaveLength(1);
  });

  it('is said to have lost what command lines have no words for', async () => {
    const { bridge, actions, said, disk } = windowOn(YAML_ONLY);
    await exportFile(bridge, actions, 'grammar', YAML_ONLY);
    expect(disk[0]?.text).not.toContain('over');
    expect(said[0]).toContain('YAML holds them all');
  });
});

it('lines of a file can be applied to what is there', async () => {
  const { bridge, actions, stores, disk } = windowOn(oneVip(2));
  disk.push({ name: 'more.lb', text: 'lb as 90.0.0.0/8 10.0.0.9\n' });
  await importFile(bridge, actions, 'grammar', 'apply');
  expect(stores.staged.getState().result?.vips[0]?.ass).toHaveLength(3);
});

it.each([
  ['yaml', 'vips:\n  - prefix: 90.0.0.0/33\n', 'lb.yaml:2:'],
  ['grammar', 'lb vip 90.0.0.0/8\nlb vip 91.0.0.0/8 port 0\n', 'port'],
] as const)('a wrong file stages nothing and says what is wrong, %s', async (kind, text, place) => {
  const { bridge, actions, stores, disk, said } = windowOn(oneVip(2));
  disk.push({ name: 'lb.yaml', text });
  await importFile(bridge, actions, kind, 'replace');
  expect(stores.staged.getState().edits).toEqual([]);
  expect(said[0]).toContain('was not staged');
  expect(said[0]).toContain(place);
});
