import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { bundle } from '../test/bundle.testkit.js';
import { monotonicClock, TICKS_PER_SECOND } from './clock.js';

it('tells a thread that starts later the same time', async () => {
  const { url, remove } = await bundle('clock.ts');
  const code = `import(${JSON.stringify(url.href)}).then(({ monotonicClock }) =>
    require('node:worker_threads').parentPort.postMessage(monotonicClock()))`;
  const before = monotonicClock();
  const [there] = await once(new Worker(code, { eval: true }), 'message');
  remove();
  expect(there - before).toBeGreaterThanOrEqual(0);
  expect(monotonicClock() - there).toBeGreaterThanOrEqual(0);
  expect(monotonicClock() - before).toBeLessThan(60 * TICKS_PER_SECOND);
});
