import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { findProgram } from '../../scripts/system-packages.mjs';
import { childrenOf, isAlive } from '../support/desktop-processes.js';
import { flags } from '../support/electron-app.js';
import { describeDesktop } from '../support/electron-needs.js';
import { PackagedApp, packageDesktop, UTILITY } from '../support/electron-packaged.js';
import { Running } from '../support/running.js';
import { until } from '../support/until.js';

/** Electron writes the state of its fuses behind these words: version, count, then one sign for each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
await describeDesktop('desktop app, packaged', (desktop) => {
  let program: string;
  let environment: string[];

  beforeAll(async () => {
    ({ program } = await packageDesktop(desktop.folder, 'folder'));
    // Of all programs of this machine it has one, which the daemon's state needs: no Node.js.
    mkdirSync(join(desktop.folder, 'bin'));
    symlinkSync(findProgram('flock')!, join(desktop.folder, 'bin', 'flock'));
    environment = [
      `DISPLAY=${desktop.display}`,
      `PATH=${join(desktop.folder, 'bin')}`,
      `XDG_CONFIG_HOME=${join(desktop.folder, 'config')}`,
      `XDG_CACHE_HOME=${join(desktop.folder, 'config')}`,
      'LC_ALL=C.UTF-8',
    ];
  }, 300_000);

  it('has its fuses set', () => {
    const binary = readFileSync(program);
    const wire = binary.indexOf(SENTINEL) + SENTINEL.length;
    expect(binary.indexOf(SENTINEL, wire)).toBe(-1);
    const [version, count] = binary.subarray(wire, wire + 2);
    expect(version).toBe(1);
    expect(count).toBeGreaterThanOrEqual(7);
    // Run as Node, cookie encryption, NODE_OPTIONS, --inspect, integrity of the archive, app from the archive only, snapshot of its own.
    const states = binary.subarray(wire + 2, wire + 2 + count!).toString('latin1');
    expect(states.slice(0, 7)).toBe('0000010');
    // Privileges of file: pages, where there is a fuse for them; and the trap handlers of WebAssembly, which are no matter of security.
    expect(states.slice(7)).toMatch(/^(0[01]?)?$/);
  });

  it('shows live numbers of the daemon within it, on a machine without Node.js, and takes no other', async () => {
    const app = await PackagedApp.start(program, [...environment, 'LB_DESKTOP_NODE=/bin/false']);
    try {
      await app.showsTraffic();
      const [daemon] = await until('the daemon runs', () => app.utilities);
      expect(await app.close()).toEqual({ status: 0, signal: null });
      expect(isAlive(daemon!)).toBe(false);
    } finally {
      await app.kill();
    }
  });

  it('is no Node.js for others, and opens no inspector', async () => {
    const words = ['env', ...environment, 'ELECTRON_RUN_AS_NODE=1', program, ...flags, '-e', "console.log('ran')"];
    const asNode = new Running('the app as Node.js', [...words, '--inspect=0', '--remote-debugging-port=0']);
    try {
      // It starts as the app that it is.
      await asNode.says(/DevTools listening on ws:/, 60_000);
      await until('its daemon runs', () => childrenOf(asNode.pid, UTILITY), 60_000);
      expect(asNode.output).not.toMatch(/^ran$|Debugger listening/m);
    } finally {
      await asNode.stop();
    }
  });
});
