import type { CheckedAs } from '../support/health.js';
import { until } from '../support/until.js';
import type { DaemonRuns } from './daemon-runs.js';
import { killWorker } from './kill-worker.js';
import type { Operation } from './operation.js';
import type { Random } from './random.js';
import { loadedVips, type Site } from './site.js';

/** What is being churned. */
export interface Churned extends Site {
  readonly runs: DaemonRuns;
  readonly random: Random;
}

/** How long a link is down: short enough for a neighbour to be known still. */
const LONGEST_DOWN_MS = 1_000;
/** Finds a dead server within two seconds, and mostly does not mind a link that was away for one. */
const howOften = { interval: 0.5, timeout: 0.4, rise: 1, fall: 3, jitter: 0.1 };

/** Things that happen around the balancer and to it, none of which is a change of its configuration. */
export class Disturbances {
  #stopped: { readonly index: number; readonly sinceMs: number } | undefined;
  #macs = 0;

  constructor(private readonly churned: Churned) {}

  /** The server whose programs do not run. */
  get stopped(): number | undefined {
    return this.#stopped?.index;
  }

  /** Kills a server's programs, or starts them again; the first ends when health checks have noticed. */
  health(isSpare: (index: number) => boolean): Operation | undefined {
    if (this.#stopped !== undefined) return this.#start(this.#stopped);
    const { random, servers } = this.churned;
    const index = random.below(servers.length);
    if (!isSpare(index)) return undefined;
    const sinceMs = Date.now();
    this.#stopped = { index, sinceMs };
    return {
      what: `s${index + 1} dies`,
      mayBreak: { server: `s${index + 1}` },
      sinceMs,
      run: async () => {
        const { nginx, dns } = servers[index]!;
        await Promise.all([nginx.stop('SIGKILL'), dns.stop('SIGKILL')]);
        // The kernel of a dead server answers to pings.
        await this.healthIs(index, 'failing', ({ type }) => type !== 'icmp');
      },
    };
  }

  /** What has to be carried out before the loads end: a dead server is not left so. */
  last(): Operation | undefined {
    return this.#stopped && this.#start(this.#stopped);
  }

  #start({ index, sinceMs }: { index: number; sinceMs: number }): Operation {
    this.#stopped = undefined;
    const { servers } = this.churned;
    return {
      what: `s${index + 1} returns`,
      // While nothing listens, whoever is sent here is refused: before it was found out, and when so many fail that none is believed.
      mayBreak: { server: `s${index + 1}`, openingOnly: true },
      sinceMs,
      run: async () => {
        servers[index] = await this.churned.startServer(index);
      },
    };
  }

  killWorker(): Operation {
    const worker = this.churned.random.below(2);
    return {
      what: `worker ${worker} is killed`,
      mayLose: {},
      run: () => killWorker(this.churned.runs.daemon, worker),
    };
  }

  /** Another daemon takes over, with the other stages. */
  restart(): Operation {
    const { random, runs } = this.churned;
    const how = random.pick(['SIGTERM', 'kill -9'] as const);
    return { what: `another daemon after ${how}`, mayLose: {}, run: () => runs.again(how) };
  }

  /** Takes the link of a server away for a moment. */
  link(): Operation {
    const { random, servers } = this.churned;
    const index = random.below(servers.length);
    return { ...this.#down(`s${index + 1}`), mayLose: { server: `s${index + 1}` } };
  }

  /** Takes the balancer's link away for a moment. */
  ownLink(): Operation {
    return { ...this.#down('lb0'), mayLose: {} };
  }

  /** Switches the balancer's interface off for a moment; what the kernel forgets with it is set up again. */
  ownInterface(): Operation {
    const { random, topology } = this.churned;
    const { lb, router } = topology;
    const downMs = 100 + random.below(LONGEST_DOWN_MS - 100);
    return {
      what: `eth0 is off for ${downMs} ms`,
      mayLose: {},
      run: async () => {
        await lb.ns.ip('link set eth0 down');
        await new Promise((resolve) => setTimeout(resolve, downMs));
        await lb.ns.ip(
          'link set eth0 up',
          `addr add ${lb.address[6]}/64 dev eth0 nodad`,
          ...([4, 6] as const).map((family) => `route replace default via ${router.address[family]}`),
        );
      },
    };
  }

  /** Takes the link of a server away until all its health checks have noticed. */
  longLink(isSpare: (index: number) => boolean): Operation | undefined {
    const { random, servers, topology } = this.churned;
    const index = random.below(servers.length);
    if (this.#stopped !== undefined || !isSpare(index)) return undefined;
    const port = `s${index + 1}`;
    return {
      what: `${port} is down until checks notice`,
      mayLose: { server: port },
      run: async () => {
        await topology.router.ns.ip(`link set ${port} down`);
        await this.healthIs(index, 'failing');
        await topology.router.ns.ip(`link set ${port} up`);
        await this.#isReached(index);
      },
    };
  }

  mac(): Operation {
    const index = this.churned.random.below(this.churned.servers.length);
    const mac = `02:00:00:01:${hex(this.#macs >> 8)}:${hex(this.#macs++ & 255)}`;
    return {
      what: `s${index + 1} has MAC address ${mac}`,
      mayLose: { server: `s${index + 1}` },
      run: async () => {
        await this.churned.topology.servers[index]!.ns.ip(`link set eth0 address ${mac}`);
        await this.#isReached(index);
      },
    };
  }

  /** Gives the VIPs their health checks; returns when these have found all servers well. */
  async checkAll(): Promise<void> {
    for (const vip of loadedVips) await this.check(vip.id);
    for (const index of this.churned.servers.keys()) await this.healthIs(index, 'healthy');
  }

  /** Gives a VIP its health check. */
  async check(id: string): Promise<void> {
    const { check } = loadedVips.find((vip) => vip.id === id)!;
    const path = `/v1/vips/${encodeURIComponent(id)}`;
    await this.churned.runs.daemon.ask('PATCH', path, { check: { ...check, ...howOften } });
  }

  /** Waits until the checks have found a server to be so in all VIPs that it is in. */
  private async healthIs(
    index: number,
    wanted: CheckedAs['health'],
    counts: (check: { type: string }) => boolean = () => true,
  ): Promise<void> {
    const { address } = this.churned.topology.servers[index]!;
    await until(
      `s${index + 1} is ${wanted}`,
      async () => {
        type Checks = { readonly checks: readonly (CheckedAs & { readonly vip: { readonly prefix: string } })[] };
        const { checks } = await this.churned.runs.daemon.ask<Checks>('GET', '/v1/health');
        const other = checks.filter(
          (found) =>
            (found.address === address[4] || found.address === address[6]) &&
            found.health !== wanted &&
            loadedVips.some(({ id, check }) => id.split(',')[0] === found.vip.prefix && counts(check)),
        );
        if (other.length > 0) throw new Error(JSON.stringify(other));
        return true;
      },
      // A busy machine makes checks late, not wrong.
      60_000,
    );
  }

  /** Waits until the balancer's host knows where a server is. */
  async #isReached(index: number): Promise<void> {
    const { lb, servers } = this.churned.topology;
    const { address } = servers[index]!;
    for (const family of [4, 6] as const) {
      const ping = ['ping', '-n', '-c', '1', '-W', '0.5', address[family]];
      await until(`${address[family]} answers`, async () => (await lb.ns.run(...ping)).status === 0, 60_000);
    }
  }

  #down(port: string): Operation {
    const { ns } = this.churned.topology.router;
    const downMs = 100 + this.churned.random.below(LONGEST_DOWN_MS - 100);
    return {
      what: `${port} is down for ${downMs} ms`,
      run: async () => {
        await ns.ip(`link set ${port} down`);
        // How long it is down is what is tried, not a wait for something.
        await new Promise((resolve) => setTimeout(resolve, downMs));
        await ns.ip(`link set ${port} up`);
      },
    };
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
