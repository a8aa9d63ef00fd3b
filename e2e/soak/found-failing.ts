import type { Machine } from '../support/topology.js';
import type { Done } from './blame.js';
import type { DaemonRuns } from './daemon-runs.js';
import { loadedVips } from './site.js';

interface HealthEvent {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  readonly vip: { readonly prefix: string };
  readonly address: string;
  readonly to: string;
}

/**
 * When health checks found servers failing, for whatever reason. A SYN of a connection to such a server goes to another, also one that is
 * sent again (docs/configuration.md). So if the first one's answer is late, the client has the answer of a server that its flow has left.
 */
export class FoundFailing {
  #last = 0;
  #daemon = 0;
  #since = new Map<string, Done>();

  constructor(
    private readonly runs: DaemonRuns,
    private readonly servers: readonly Machine[],
  ) {}

  /** What has ended since the last call, and what goes on, whose end is not known. */
  async read(): Promise<{ ended: Done[]; going: Done[] }> {
    const ended: Done[] = [];
    if (this.#daemon !== this.runs.started) {
      // To a daemon that has just started no server is failing, until it has found out itself.
      ended.push(...[...this.#since.values()].map((done) => ({ ...done, toMs: Date.now() })));
      this.#since.clear();
      this.#daemon = this.runs.started;
    }
    const path = `/v1/events?after=${this.#last}&limit=5000`;
    const { events } = await this.runs.daemon.ask<{ events: HealthEvent[] }>('GET', path);
    for (const event of events) {
      this.#last = event.id;
      if (event.type !== 'health') continue;
      const key = `${event.vip.prefix} ${event.address}`;
      const before = this.#since.get(key);
      if (before !== undefined) ended.push({ ...before, toMs: Date.parse(event.at) });
      this.#since.delete(key);
      const done = event.to === 'failing' ? this.#failing(event) : undefined;
      if (done !== undefined) this.#since.set(key, done);
    }
    return { ended, going: [...this.#since.values()] };
  }

  #failing({ vip, address, at }: HealthEvent): Done | undefined {
    const loaded = loadedVips.find(({ id }) => id.split(',')[0] === vip.prefix);
    const index = this.servers.findIndex((server) => server.address[4] === address || server.address[6] === address);
    if (loaded === undefined || index < 0) return undefined;
    const server = `s${index + 1}`;
    return {
      ...{
        what: `${server} is found failing in ${loaded.name}`,
        fromMs: Date.parse(at),
        toMs: Number.POSITIVE_INFINITY,
      },
      mayBreak: { vip: loaded.name, server, openingOnly: true },
    };
  }
}
