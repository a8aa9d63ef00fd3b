import { type Config, type ConfigInput, effectiveAss, parseConfig, vipId } from '@lb/control';
import type { CountersSample } from '@lb/control/client';
import type { Channel, InputOf, OutputOf, Update } from '../../shared/contract.js';
import type { DaemonInfo } from '../../shared/daemon-info.js';
import type { Bridge } from './bridge.js';

export const NOW = Date.parse('2026-03-01T12:00:00Z');

export function configOf(input: ConfigInput): Config {
  return parseConfig(input).config;
}

/** One GRE VIP `90.0.0.0/8` of 8 buckets with the ASs 10.0.0.1 to `count`. */
export function oneVip(count = 4, more: Partial<NonNullable<ConfigInput['vips']>[number]> = {}): Config {
  const ass = Array.from({ length: count }, (_, i) => ({ address: `10.0.0.${i + 1}` }));
  return configOf({ ip4SrcAddress: '192.0.2.254', vips: [{ prefix: '90.0.0.0/8', newLen: 8, ass, ...more }] });
}

export interface SampleOptions {
  readonly at?: string;
  readonly revision?: number;
  readonly uptimeSec?: number;
  readonly failing?: readonly string[];
  /** Live flows of every AS. */
  readonly flows?: number;
  /** Packets of flows that every VIP and every AS had. */
  readonly packets?: number;
}

/** Counters that a daemon with this configuration could have. */
export function sampleOf(config: Config, options: SampleOptions = {}): CountersSample {
  const {
    at = new Date(NOW).toISOString(),
    revision = 1,
    uptimeSec = 60,
    failing = [],
    flows = 5,
    packets = 0,
  } = options;
  const health = (address: string) => (failing.includes(address) ? 'failing' : 'healthy');
  const effective = effectiveAss(config, NOW, (_, address) => health(address));
  return {
    at,
    uptimeSec,
    revision,
    received: packets,
    forwarded: packets,
    replied: 0,
    punted: 0,
    dropped: 0,
    natReturn: 0,
    unsent: 0,
    unpunted: 0,
    puntedBy: {},
    droppedBy: {},
    flows: 0,
    flowStates: { opening: 0, closing: 0 },
    flowCapacity: 4096,
    image: { revision: 1, acknowledged: 1 },
    workers: [],
    vips: config.vips.map((vip) => ({
      id: vipId(vip),
      prefix: vip.prefix,
      protocol: vip.protocol ?? null,
      port: vip.port ?? null,
      encap: vip.encap,
      newLen: vip.newLen,
      imbalance: 1,
      existing: packets,
      first: 0,
      untracked: 0,
      noServer: 0,
      natReturn: 0,
      ass: vip.ass.map(({ address, weight, state }) => ({
        address,
        weight,
        effectiveWeight: [...effective].find(([id]) => id.endsWith(` as ${address}`))![1].weight,
        reason: 'configured' as const,
        state,
        health: health(address),
        packets,
        bytes: packets * 100,
        first: null,
        untracked: null,
        flows,
        buckets: vip.newLen / vip.ass.length,
      })),
    })),
  };
}

export function daemonInfo(id: string, state: DaemonInfo['state'] = 'connected'): DaemonInfo {
  return { id, name: id, kind: 'unix', state, error: null, retryAt: null, where: `/run/${id}.sock` };
}

type Answers = { [C in Channel]?: (input: InputOf<C>) => OutputOf<C> | Promise<OutputOf<C>> };

/** A main process with given answers, which keeps what it was asked. */
export class FakeBridge implements Bridge {
  readonly calls: { readonly channel: Channel; readonly input: unknown }[] = [];
  private readonly listeners = new Set<(update: Update) => void>();

  constructor(private readonly answers: Answers) {}

  async call<C extends Channel>(channel: C, input: InputOf<C>): Promise<OutputOf<C>> {
    this.calls.push({ channel, input });
    const answer = this.answers[channel];
    if (answer === undefined) return null as OutputOf<C>;
    return (await answer(input as never)) as OutputOf<C>;
  }

  on(listener: (update: Update) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(update: Update): void {
    for (const listener of this.listeners) listener(update);
  }

  /** What was asked over a channel. */
  inputsOf<C extends Channel>(channel: C): InputOf<C>[] {
    return this.calls.filter((call) => call.channel === channel).map(({ input }) => input as InputOf<C>);
  }
}

/** Until what was begun without waiting for it is done. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
