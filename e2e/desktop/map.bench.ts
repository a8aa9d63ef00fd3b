import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, it } from 'vitest';
import { DesktopBench } from '../support/desktop-bench.js';
import { describeDesktop } from '../support/electron-needs.js';

/**
 * Frames while a map of buckets is on screen: 65,536 and 1,048,576 of them, 100 ASs, ten updates a second.
 *
 *     npx vitest run --config e2e/vitest.desktop-bench.config.ts e2e/desktop/map
 */
const ROUNDS = 3;
const STILL_MS = 6000;
const STEPS = 150;
const AS_COUNT = 100;

await describeDesktop('map of buckets', (desktop) => {
  let bench: DesktopBench;

  beforeAll(async () => {
    bench = await DesktopBench.start(desktop);
    await bench.watch(100);
  });
  afterEach(() => bench.print());

  const box = async () => (await bench.app.page.locator('canvas.bucket-canvas').boundingBox())!;

  /** Moves the pointer over the map. */
  const hover = async () => {
    const { x, y, width, height } = await box();
    for (let i = 0; i < STEPS; i++) {
      await bench.app.page.mouse.move(x + ((i * 7) % width), y + ((i * 3) % height));
      await pause(10);
    }
  };
  /** Into the map and out again, by the wheel. */
  const zoom = async () => {
    const { x, y, width, height } = await box();
    await bench.app.page.mouse.move(x + width / 3, y + height / 2);
    for (let i = 0; i < STEPS; i++) {
      await bench.app.page.mouse.wheel(0, Math.floor(i / 25) % 2 === 0 ? -100 : 100);
      await pause(10);
    }
  };

  it.each([
    ['97.0.0.0/8', 65_536],
    ['98.0.0.0/8', 1_048_576],
  ])('prints the frames of %s with %i buckets', async (vip, newLen) => {
    const { app } = bench;
    const ass = Array.from({ length: AS_COUNT }, (_, i) => `10.1.0.${i + 1}`).join(' ');
    const lines = [`lb vip ${vip} encap gre4 new_len ${newLen}`, `lb as ${vip} ${ass}`];
    await bench.ask('exec', { body: { lines } });
    await bench.show('Buckets');
    await app.page.locator(`.vip-select select:has(option[value="${vip}"])`).selectOption(vip);
    const count = newLen.toLocaleString('en');
    await app.page.getByText(`${count} buckets`, { exact: true }).waitFor();
    for (let round = 0; round < ROUNDS; round++) {
      await bench.frames(`map of ${count}, still`, () => pause(STILL_MS));
      await bench.frames(`map of ${count}, pointer moves`, hover);
      await bench.frames(`map of ${count}, zoom`, zoom);
      await app.page.getByRole('application').press('0');
      await bench.timed(`map of ${count}, from palette to the staged map`, async () => {
        await bench.stage([`lb as ${vip} 10.1.0.${round + 1} del`]);
        await app.page.getByText(new RegExp(`of ${count} buckets move`)).waitFor();
        await bench.settled();
      });
      await bench.frames(`map of ${count}, with a staged change`, () => pause(STILL_MS));
      await app.screenshot(`map-${newLen}`);
      await app.page.getByRole('button', { name: 'Discard' }).click();
    }
  });
});
