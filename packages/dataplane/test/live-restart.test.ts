import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import { libraryPath } from '../src/native/index.js';
import { NatSessions } from '../src/pipeline/nat-sessions.js';
import { FlowFiles, Supervisor } from '../src/worker/index.js';
import { wordsOf } from '../src/worker/shared-words.js';
import { type Bundle, bundle } from './bundle.testkit.js';
import { packet } from './frames.testkit.js';
import { describeLive, enterNetworkNamespace, veth } from './live-network.testkit.js';
import { spec, vip } from './specs.testkit.js';
import { Wire } from './wire.testkit.js';

const LINES = 1024;
const nat = { protocol: 17, port: 80, targetPort: 8080 } as const;
const both = spec([vip('92.0.0.1/32', 'nat4', ['10.0.0.5'], nat), vip('92.0.0.2/32', 'nat4', ['10.0.0.5'], nat)]);
/** One client port, two VIPs, one server: the later flow gets another port there. */
const packets = ['92.0.0.1', '92.0.0.2'].map((to) => packet('198.51.100.1', to, { sport: 5000 }));

describeLive('NAT flows of a supervisor before', () => {
  let thread: Bundle;
  let wire: Wire;
  let dir: string;
  let files: FlowFiles | undefined;
  let supervisor: Supervisor | undefined;

  beforeAll(async () => {
    thread = await bundle('worker/worker-thread.ts');
    enterNetworkNamespace();
    veth('a0', 'a1');
    wire = new Wire('a1');
  });
  afterAll(() => {
    wire.close();
    thread.remove();
  });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lb-restart-'));
  });
  afterEach(async () => {
    await stop();
    rmSync(dir, { recursive: true });
  });

  async function serve(): Promise<void> {
    files = FlowFiles.open({ dir, workers: 1, flowTableLines: LINES });
    const image = new ImageCompiler(files).compile(both, { revision: 1 });
    supervisor = new Supervisor({
      workers: [{ kind: 'native', queues: [{ kind: 'af_packet', interface: 'a0', flags: ['lowLatency'] }] }],
      flowTableLines: LINES,
      flowFiles: files,
      entry: thread.url,
    });
    await supervisor.start(image);
  }

  async function stop(): Promise<void> {
    await supervisor?.stop();
    files?.close();
    supervisor = files = undefined;
  }

  /** Client port that the server sees. */
  function portOf(frame: Uint8Array): number {
    wire.send([frame]);
    const [out] = wire.receiveAll(1);
    expect([...out!.subarray(30, 34)]).toEqual([10, 0, 0, 5]);
    return (out![34]! << 8) | out![35]!;
  }

  /** As if it had ended: takes the session away that has the client's own port. */
  function endFirst(): void {
    const kept = FlowFiles.open({ dir, workers: 1, flowTableLines: LINES });
    const { words, side } = kept.tables(0).sessions;
    const memory = wordsOf(words, libraryPath());
    const sessions = NatSessions.tableIn(LINES, kept.secret, { memory, side: wordsOf(side, libraryPath()) });
    let removed = 0;
    for (let line = 0; line < LINES * 16; line += 16) {
      for (let at = line; at < line + 4; at++) {
        // Of VIP slot 0, and with a client; an alias has none.
        if (sessions.valueAt(at) !== 1 || sessions.side[sessions.sideAt(at) + 4] === 0) continue;
        sessions.remove(at);
        removed++;
      }
    }
    kept.close();
    expect(removed).toBe(1);
  }

  it('keep the ports that their servers know them by', async () => {
    await serve();
    const before = packets.map(portOf);
    expect(before[0]).toBe(5000);
    expect(before[1]).not.toBe(5000);
    await stop();
    await serve();
    expect(files?.flows).toBe(2);
    expect(packets.map(portOf)).toEqual(before);
  });

  it('keep another port also when what was in its way has ended', async () => {
    await serve();
    const [, other] = packets.map(portOf);
    await stop();
    endFirst();
    await serve();
    expect(portOf(packets[1]!)).toBe(other);
  });
});
