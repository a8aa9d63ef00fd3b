import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from '@lb/dataplane';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordOwner, removeAbandoned } from './abandoned-flows.js';

describe.skipIf(process.platform !== 'linux')('flow tables whose state is gone', () => {
  let folder: string;
  let state: string;
  let shared: string;
  let flows: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lb-abandoned-'));
    state = join(folder, 'var', 'lib', 'lb');
    shared = join(folder, 'shm');
    flows = join(shared, 'lb-flows-1');
    for (const dir of [state, flows]) mkdirSync(dir, { recursive: true });
    writeFileSync(join(flows, 'flows-0.bin'), 'tables');
    recordOwner(flows, state);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const remove = () => removeAbandoned(shared, (name) => name.startsWith('lb-flows-'));

  it.each(['var/lib/lb', 'var/lib', 'var'])('are removed when %s was deleted', (deleted) => {
    rmSync(join(folder, deleted), { recursive: true });
    expect(remove()).toEqual([state]);
    expect(existsSync(flows)).toBe(false);
  });

  it('are left while the state is there, also another one of its name', () => {
    expect(remove()).toEqual([]);
    rmSync(state, { recursive: true });
    mkdirSync(state);
    expect(remove()).toEqual([]);
  });

  it('are left where the state would be cannot be seen: nothing is mounted there, or it is another container', () => {
    const lib = join(folder, 'var', 'lib');
    renameSync(lib, `${lib}-elsewhere`);
    mkdirSync(lib);
    expect(remove()).toEqual([]);
    expect(existsSync(flows)).toBe(true);
  });

  it('are left to a daemon that uses them', () => {
    rmSync(state, { recursive: true });
    const lock = lockFolder(flows)!;
    expect(remove()).toEqual([]);
    lock.release();
    expect(remove()).toEqual([state]);
  });

  it.each(['', 'no JSON', '[]', 'null', '[{}]'])('are left where nobody says whose they are: %o', (text) => {
    rmSync(state, { recursive: true });
    writeFileSync(join(flows, 'state-folder'), text);
    expect(remove()).toEqual([]);
    rmSync(join(flows, 'state-folder'));
    expect(remove()).toEqual([]);
    expect(readFileSync(join(flows, 'flows-0.bin'), 'utf8')).toBe('tables');
  });

  it('are left under other names', () => {
    rmSync(state, { recursive: true });
    expect(removeAbandoned(shared, (name) => name.startsWith('other-'))).toEqual([]);
  });
});
