import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { defaultSettings } from '../shared/settings.js';
import { SettingsStore } from './settings.js';

const folder = mkdtempSync(join(tmpdir(), 'lb-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('remembers what was set, and the rest as it was', () => {
  const path = join(folder, 'app', 'settings.json');
  const settings = new SettingsStore(path);
  expect(settings.get()).toEqual(defaultSettings);
  settings.set({ theme: 'dark', panels: { left: 200 } });
  settings.set({ panels: { right: 340 } });
  expect(new SettingsStore(path).get()).toEqual({
    theme: 'dark',
    view: null,
    panels: { left: 200, right: 340 },
  });
});

it('starts anew when the file is broken', () => {
  const path = join(folder, 'broken.json');
  writeFileSync(path, '{"theme": "pi');
  expect(new SettingsStore(path).get()).toEqual(defaultSettings);
});
