import { buildMaglevTable, buildVppTable, LbError, parseAddress, tableStats } from '@lb/core';
import { captureRecord, MemoryOutput, PcapngWriter, TAP_INTERFACES, type TapRecord, traceText } from '@lb/dataplane';
import { applyCommands } from '../apply.js';
import { type EffectiveAs, effectiveAss } from '../effective/index.js';
import { parseCommands } from '../grammar/parse.js';
import { diffConfigs, plan } from '../plan/index.js';
import { type Config, emptyConfig, type VipConfig } from '../schema.js';
import { DesiredState } from '../state/index.js';
import { asId, type VipRef, vipId, vipKey } from '../vip-ref.js';
import type {
  Balancer,
  BucketTable,
  CaptureQuery,
  ChangeMeta,
  FlowQuery,
  PacketCapture,
  TapQuery,
} from './balancer.js';
import type { AsSample, CountersSample, VipSample } from './contract/counters.js';
import type { FlowBuckets } from './contract/flow-buckets.js';
import type { FlowLookup, FlowPage, FlowView } from './contract/flows.js';
import type { HealthView } from './contract/health.js';
import type { Changed, ExecAnswer } from './contract/revisions.js';
import type { Status, WorkerView } from './contract/status.js';
import type { Trace } from './contract/taps.js';
import { configProblem } from './error-answer.js';
import { EventLog } from './event-log.js';

/** Flows that the double lists for each AS. */
const FLOWS_OF_AS = 7;
/** Packets that it had no room for, whenever it is asked for some. */
const MISSED = 3;

/** A balancer without a dataplane: real revisions, commands, plans and tables; counters and flows made up. */
export class MemoryBalancer implements Balancer {
  readonly events = new EventLog();
  readonly flushed: string[] = [];
  readonly killed: number[] = [];
  /** What was asked for. */
  readonly traced: TapQuery[] = [];
  readonly captured: CaptureQuery[] = [];
  /** Captures and traces go on when they have their packets, until they are ended. */
  endless = false;
  /** Those that have not ended. */
  capturing = 0;

  private constructor(readonly revisions: DesiredState) {
    revisions.on('revision', ({ number, author, note }) => {
      const text = `revision ${number} by ${author}`;
      this.events.add({ type: 'revision', level: 'info', text, number, author, note });
    });
  }

  static async open(config: Config = emptyConfig()): Promise<MemoryBalancer> {
    return new MemoryBalancer(await DesiredState.open(undefined, config));
  }

  get config(): Config {
    return this.revisions.current.config;
  }

  status(): Status {
    const { number } = this.revisions.current;
    return {
      version: '0.1.0',
      pid: 4711,
      hostname: 'lb1',
      startedAt: '2026-11-22T10:00:00.000Z',
      uptimeSec: 60,
      mode: 'embedded',
      interfaces: [],
      workers: 1,
      revision: number,
      image: { revision: number, acknowledged: number },
      stateDir: null,
      findings: [],
      vips: this.config.vips.length,
      ass: this.config.vips.reduce((sum, { ass }) => sum + ass.length, 0),
      flows: 0,
      failing: 0,
    };
  }

  counters(): CountersSample {
    const effective = this.effective(this.config);
    const vips = this.config.vips.map((vip) => this.vipSample(vip, effective));
    return {
      at: '2026-11-22T10:01:00.000Z',
      uptimeSec: 60,
      revision: this.revisions.current.number,
      received: 1000,
      forwarded: 900,
      replied: 10,
      punted: 40,
      dropped: 50,
      natReturn: 5,
      unsent: 1,
      unpunted: 2,
      puntedBy: { 'no-vip': 40 },
      droppedBy: { 'no-server': 50 },
      flows: vips.reduce((sum, { ass }) => sum + ass.length * FLOWS_OF_AS, 0),
      flowStates: { opening: 3, closing: 2 },
      flowCapacity: 4096,
      image: { revision: 3, acknowledged: 2 },
      workers: this.workers(),
      vips,
    };
  }

  workers(): WorkerView[] {
    return [
      {
        worker: 0,
        state: 'running',
        starts: 1,
        busyMs: 1500,
        aliveMs: 60_000,
        waits: 3,
        received: 1000,
        bursts: 10,
        held: 0,
        unsent: 1,
        unpunted: 2,
        queues: [{ interface: 'eth0', kind: 'af_xdp', receiveQueue: 0, counters: { received: 1000 } }],
      },
    ];
  }

  health(): HealthView[] {
    return this.config.vips.flatMap(({ check, ass, ...vip }) => {
      if (check === undefined) return [];
      const since = '2026-11-22T10:00:30.000Z';
      return ass.map(
        ({ address }): HealthView => ({
          vip: refOf(vip),
          address,
          type: check.type,
          health: 'healthy',
          since,
          before: null,
          consecutive: 4,
          lastResult: { at: since, ok: true, reason: 'connected', ms: 1.5, local: false },
          checks: 10,
          failures: 2,
          flapping: false,
        }),
      );
    });
  }

  plan(after: Config) {
    const planned = (config: Config) => ({ config, effective: this.effective(config) });
    return plan(planned(this.config), planned(after), () => FLOWS_OF_AS);
  }

  diff(before: Config, after: Config) {
    return diffConfigs(before, after);
  }

  async change(make: (current: Config) => Config, meta: ChangeMeta): Promise<Changed> {
    const { number, time, author, note, hash } = await this.revisions.change(make, meta);
    return { revision: { number, time, author, note, hash }, warnings: [] };
  }

  async exec(lines: readonly string[], meta: ChangeMeta): Promise<ExecAnswer> {
    const commands = parseCommands(lines.join('\n'));
    let applied = applyCommands(this.config, commands);
    const { number } = await this.revisions.change((current) => {
      applied = applyCommands(current, commands);
      return applied.config;
    }, meta);
    const shows = applied.effects.filter(({ kind }) => kind === 'show');
    for (const effect of applied.effects) if (effect.kind !== 'show') this.flushed.push(vipKey(effect.vip));
    return {
      output: shows.map(() => 'shown\n').join(''),
      json: shows.map(() => ({ shown: true })),
      warnings: applied.warnings.map(configProblem),
      revision: number,
    };
  }

  async flush(vip: VipRef, address: string | undefined): Promise<void> {
    this.flushed.push(address === undefined ? vipKey(vip) : asId(vip, address));
  }

  buckets(ref: VipRef): BucketTable {
    const vip = this.config.vips.find((other) => vipKey(other) === vipKey(ref))!;
    return { newLen: vip.newLen, ass: vip.ass.map(({ address }) => address), buckets: this.tableOf(vip) };
  }

  flows({ vip, as, state, limit, cursor = '0' }: FlowQuery): FlowPage {
    if (!/^\d{1,9}$/.test(cursor)) throw new LbError('LB_WORKER_CURSOR', `'${cursor}' is no cursor`);
    const all = this.config.vips
      .filter((other) => vip === undefined || vipKey(other) === vipKey(vip))
      .flatMap((of) => of.ass.map(({ address }) => ({ id: vipId(of), address })))
      .filter(({ address }) => as === undefined || as === address)
      .flatMap(({ id, address }) => Array.from({ length: FLOWS_OF_AS }, (_, n) => flowOf(id, address, n)))
      .filter((flow) => state === undefined || state === flow.state);
    const from = Number(cursor);
    const next = from + limit;
    return { flows: all.slice(from, next), total: all.length, ...(next < all.length && { cursor: String(next) }) };
  }

  flow(flow: string): FlowLookup {
    if (!flow.includes('>')) throw new LbError('LB_CLI_FLOW', `'${flow}' is not a flow`);
    return { flow, entry: null };
  }

  explain(flow: string) {
    if (!flow.includes('>')) throw new LbError('LB_CLI_FLOW', `'${flow}' is not a flow`);
    return { verdict: 'forward', flow };
  }

  explainPacket(frame: Uint8Array) {
    return { verdict: 'drop', before: { bytes: frame.length, hex: Buffer.from(frame).toString('hex') } };
  }

  async flowBuckets(ref: VipRef): Promise<FlowBuckets> {
    const { ass, newLen } = this.config.vips.find((other) => vipKey(other) === vipKey(ref))!;
    const buckets = new Uint32Array(newLen);
    for (let n = 0; n < FLOWS_OF_AS; n++) buckets[n % newLen]! += ass.length;
    const flows = ass.length * FLOWS_OF_AS;
    const ages = [
      { belowSec: 10, flows: 0 },
      { belowSec: null, flows },
    ];
    return { flows, buckets, unknownBucket: 0, ages, unknownAge: 0 };
  }

  async trace(query: TapQuery, signal: AbortSignal): Promise<Trace> {
    this.refuseSecond();
    this.traced.push(query);
    if (this.endless) await this.begun(signal);
    const records = packets(query.count).map((record) => {
      const { worker, verdict, reason, protocol, source, sourcePort, destination, destinationPort } = record;
      return {
        at: '2026-11-22T10:01:00.000000001Z',
        ...{
          worker,
          verdict,
          reason,
          protocol,
          source,
          sourcePort,
          destination,
          destinationPort,
        },
        ...{ vip: '90.0.0.0/8', as: '10.0.0.1', tracking: record.tracking, bucket: 17, identity: record.identity },
        text: traceText(record, NAMES),
        before: { length: 60, hex: '00'.repeat(60) },
        after: { length: 84, hex: '01'.repeat(84) },
      };
    });
    return { records, missed: MISSED };
  }

  capture(query: CaptureQuery, signal: AbortSignal): PacketCapture {
    this.refuseSecond();
    this.captured.push(query);
    const over = this.begun(signal);
    const goesOn = this.endless;
    async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
      const output = new MemoryOutput();
      const writer = new PcapngWriter(output, { interfaces: TAP_INTERFACES });
      for (const record of packets(Math.min(query.count, 10))) captureRecord(writer, record, NAMES, query.side);
      yield output.take();
      if (goesOn) await over;
    }
    return { missed: MISSED, [Symbol.asyncIterator]: bytes };
  }

  /** @returns when it is ended */
  private begun(signal: AbortSignal): Promise<void> {
    this.capturing++;
    const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    void over.then(() => this.capturing--);
    return over;
  }

  private refuseSecond(): void {
    if (this.capturing > 0) throw new LbError('LB_WORKER_TAP_BUSY', 'packets are being captured or traced already');
  }

  killWorker(worker: number): void {
    if (worker > 0) throw new LbError('LB_DAEMON_REQUEST', `there is no worker ${worker}`);
    this.killed.push(worker);
  }

  private effective(config: Config): ReadonlyMap<string, EffectiveAs> {
    return effectiveAss(config, Date.parse('2026-11-22T10:01:00Z'), () => 'unknown');
  }

  private tableOf({ ass, newLen }: VipConfig): Int32Array {
    const weighted = ass.map(({ address, weight }) => ({ address: parseAddress(address), weight }));
    return this.config.table === 'vpp' ? buildVppTable(weighted, newLen) : buildMaglevTable(weighted, newLen);
  }

  private vipSample(vip: VipConfig, effective: ReadonlyMap<string, EffectiveAs>): VipSample {
    const weighted = vip.ass.map(({ address, weight }) => ({ address: parseAddress(address), weight }));
    const stats = tableStats(this.tableOf(vip), weighted);
    return {
      id: vipId(vip),
      prefix: vip.prefix,
      protocol: vip.protocol ?? null,
      port: vip.port ?? null,
      encap: vip.encap,
      newLen: vip.newLen,
      imbalance: stats.imbalance,
      existing: 100,
      first: 20,
      untracked: 3,
      noServer: 4,
      natReturn: 5,
      ass: vip.ass.map((as, i): AsSample => {
        const { weight = as.weight, reason = 'configured' } = effective.get(asId(vip, as.address)) ?? {};
        return {
          address: as.address,
          weight: as.weight,
          effectiveWeight: weight,
          reason,
          state: as.state,
          health: vip.check === undefined ? 'unknown' : 'healthy',
          packets: 50,
          bytes: 5000,
          first: 10,
          untracked: null,
          flows: FLOWS_OF_AS,
          buckets: stats.ass[i]!.buckets,
        };
      }),
    };
  }
}

const NAMES = { vip: () => '90.0.0.0/8', as: () => '10.0.0.1' };

/** What became of so many packets. */
function packets(count: number): TapRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    worker: 0,
    sec: 1_795_341_660,
    nsec: n,
    verdict: 'forward',
    reason: null,
    protocol: 'udp',
    source: '198.51.100.1',
    sourcePort: 1000 + n,
    destination: '90.1.2.3',
    destinationPort: 53,
    icmpError: false,
    fragment: false,
    vipSlot: 0,
    asSlot: 0,
    tracking: 'first',
    bucket: 17,
    identity: '0x0123456789abcdef',
    input: 0,
    output: 0,
    imageRevision: 1,
    before: { bytes: new Uint8Array(60), length: 60 },
    after: { bytes: new Uint8Array(84).fill(1), length: 84 },
  }));
}

function refOf({ prefix, protocol, port }: VipRef): VipRef {
  return { prefix, ...(protocol && { protocol }), ...(port && { port }) };
}

function flowOf(vip: string, as: string, n: number): FlowView {
  return {
    worker: 0,
    vip,
    as,
    protocol: 'tcp',
    client: '198.51.100.1',
    clientPort: 1000 + n,
    destination: '90.1.2.1',
    destinationPort: 80,
    identity: `0x${n.toString(16).padStart(16, '0')}`,
    bucket: n % 256,
    ageSec: 12.25,
    state: n === 0 ? 'opening' : 'established',
    expiresInSec: 39.5,
  };
}
