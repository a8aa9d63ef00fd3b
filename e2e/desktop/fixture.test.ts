import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DesktopFixture } from '../support/desktop-fixture.js';
import { isAlive } from '../support/desktop-processes.js';
import { describeDesktop } from '../support/electron-needs.js';

await describeDesktop('what desktop tests begin', (desktop) => {
  it('ends as a whole, the last thing first, when one thing on the way fails', async () => {
    const fixture = new DesktopFixture(desktop.runtime);
    await fixture.begin();
    const { folder } = fixture;
    const daemon = await fixture.serve();
    const { app } = await fixture.startApp();
    const pids = [daemon.pid, app.pid];
    const seen: boolean[] = [];
    fixture.later(() => seen.push(...pids.map(isAlive)));
    fixture.later(() => {
      throw new Error('this does not end');
    });
    await expect(fixture.serve('--no-such-option')).rejects.toThrow('the daemon ended before');
    await expect(fixture.startApp({ owner: '../\0' })).rejects.toThrow();
    await expect(fixture.end()).rejects.toThrow('not undone: Error: this does not end');
    expect(seen).toEqual([true, true]);
    expect(pids.map(isAlive)).toEqual([false, false]);
    expect(existsSync(folder)).toBe(false);
    // Nothing is left to be done again.
    await fixture.end();
  });

  it('is not there before', () => {
    expect(() => new DesktopFixture(desktop.runtime).page).toThrow('it has not been begun');
  });
});
