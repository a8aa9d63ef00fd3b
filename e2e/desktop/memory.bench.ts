import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, it } from 'vitest';
import { DesktopBench } from '../support/desktop-bench.js';
import { type DesktopProcesses, processesOf, residentMiB } from '../support/desktop-processes.js';
import { describeDesktop } from '../support/electron-needs.js';

/**
 * Memory over minutes of ten updates a second, with a map of 65,536 buckets and 100 ASs on screen: heaps after a forced collection,
 * and what is resident. Five minutes; as many as LB_BENCH_MINUTES says.
 *
 *     npx vitest run --config e2e/vitest.desktop-bench.config.ts e2e/desktop/memory
 */
const minutes = Number(process.env.LB_BENCH_MINUTES ?? 5);
const SAMPLES = 30;
const VIP = '99.0.0.0/8';

const MAIN_HEAP = () => {
  const load = process.mainModule!.require as NodeJS.Require;
  load('node:v8').setFlagsFromString('--expose-gc');
  load('node:vm').runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
};

await describeDesktop('memory of the desktop app', (desktop) => {
  let bench: DesktopBench;
  let processes: DesktopProcesses;

  beforeAll(async () => {
    bench = await DesktopBench.start(desktop);
    processes = await processesOf(bench.app);
    const ass = Array.from({ length: 100 }, (_, i) => `10.1.0.${i + 1}`).join(' ');
    await bench.ask('exec', { body: { lines: [`lb vip ${VIP} encap gre4 new_len 65536`, `lb as ${VIP} ${ass}`] } });
    await bench.show('Buckets');
    await bench.app.page.getByLabel('VIP').selectOption(VIP);
    await bench.app.page.getByText('65,536 buckets').waitFor();
    await bench.watch(100);
  });
  afterEach(() => bench.print());

  it(
    'prints heaps and resident memory',
    async () => {
      const session = await bench.app.page.context().newCDPSession(bench.app.page);
      const sample = async () => {
        await session.send('HeapProfiler.collectGarbage');
        const { usedSize } = await session.send('Runtime.getHeapUsage');
        const main = await bench.app.electron.evaluate(MAIN_HEAP);
        const { page, main: pid, daemon } = processes;
        return {
          'heap of the page': usedSize / 2 ** 20,
          'heap of the main process': main / 2 ** 20,
          'page, resident': residentMiB(page),
          'main process, resident': residentMiB(pid),
          'daemon, resident': residentMiB(daemon),
        };
      };
      const samples: Awaited<ReturnType<typeof sample>>[] = [];
      for (let i = 0; i < SAMPLES; i++) {
        await pause((minutes * 60_000) / SAMPLES);
        samples.push(await sample());
      }
      // The first third fills what is kept for five minutes.
      const third = SAMPLES / 3;
      for (const name of Object.keys(samples[0]!) as (keyof (typeof samples)[number])[]) {
        const values = samples.map((each) => each[name]);
        bench.figures.add(`${name}, second third of ${minutes} min`, 'MiB', ...values.slice(third, 2 * third));
        bench.figures.add(`${name}, last third of ${minutes} min`, 'MiB', ...values.slice(2 * third));
      }
    },
    (minutes + 2) * 60_000,
  );
});
