import { setImmediate } from 'node:timers/promises';
import type { Config } from '@lb/control';
import { createCapture, Engine, openCapture, PcapQueue, type Secret } from '@lb/dataplane';
import { compileConfig, type PlacedVip } from '../compiled.js';
import { cliError } from '../errors.js';
import { abortOnSignals } from '../signals.js';
import { reportVerdicts, type VerdictReport } from '../verdict-report.js';
import { reportVips, type VipReport } from '../vip-report.js';
import type { ReplayPosition } from './progress.js';

/** The JSON of `lb replay`. */
export interface ReplayReport extends VerdictReport {
  /** In configuration order. */
  readonly vips: readonly VipReport[];
}

export interface ReplayOptions {
  /** pcap or pcapng file; `-` is standard input. */
  readonly input: string;
  /** Appears when it is complete; `-` is standard output. */
  readonly output: string;
  readonly config: Config;
  readonly onProgress?: (position: ReplayPosition) => void;
}

/** Places flows in tables: the same on each run, so that the same input gives the same output. */
const SECRET: Secret = [0x6c622072, 0x65706c61, 0x79207365, 0x63726574];
/** Between these the program looks at signals; long enough to cost nothing. */
const SLICE_MS = 50;

/**
 * Pushes a capture through an engine of its own, offline. Memory does not depend on the capture's size. Time is that of
 * the capture: flows live and die as they would have.
 * @throws LbError of reading or writing captures; nothing is left of the output then
 */
export async function replayCapture(options: ReplayOptions): Promise<ReplayReport> {
  const { input, output, config, onProgress } = options;
  const { image, vips } = compileConfig(config);
  const reader = openCapture(input);
  // Reading a pipe blocks; a handler that cannot run would make the program deaf to signals.
  const stop = reader.sizeBytes === undefined ? undefined : abortOnSignals();
  try {
    const writer = createCapture(output);
    try {
      const translatesBack = config.natInterfaces.nat4.length + config.natInterfaces.nat6.length > 0;
      const queue = new PcapQueue(reader, writer, translatesBack ? 1 : undefined);
      const engine = new Engine({ image, source: queue, flowTableLines: config.buckets, secret: SECRET });
      for (let more = true; more; ) {
        more = runSlice(engine, queue);
        onProgress?.({ packets: queue.packets, bytesRead: reader.bytesRead, sizeBytes: reader.sizeBytes });
        if (more) await setImmediate();
        if (stop?.signal.aborted) throw cliError('LB_CLI_INTERRUPTED', 'interrupted; no output was written');
      }
      engine.finish(engine.burst.now);
      writer.close();
      return report(engine, vips);
    } catch (error) {
      writer.abort();
      throw error;
    }
  } finally {
    stop?.release();
    reader.close();
  }
}

/** Runs bursts for a moment. False at the end of the capture. */
function runSlice(engine: Engine, queue: PcapQueue): boolean {
  const end = performance.now() + SLICE_MS;
  for (;;) {
    if (engine.poll(queue) === 0) return false;
    if (performance.now() >= end) return true;
  }
}

function report(engine: Engine, vips: readonly PlacedVip[]): ReplayReport {
  const { flows, counters, image, burst } = engine;
  // A flow-table value is an AS slot + 1.
  const perValue = new Float64Array(image.asSlots + 1);
  flows.sweep(0, flows.lines, burst.now, perValue);
  const { packets, forwarded, dropped, punted, replied, puntedBy, natReturn } = reportVerdicts([counters]);
  const vipReports = reportVips(vips, [counters], (slot) => perValue[slot + 1]!);
  return { packets, forwarded, dropped, punted, vips: vipReports, replied, puntedBy, natReturn };
}
