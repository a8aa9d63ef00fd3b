import type { Daemon } from '../support/daemon.js';
import type { CheckedAs } from '../support/health.js';
import { type Server, serverPorts, startNginx } from '../support/servers.js';
import type { Topology } from '../support/topology.js';
import { until } from '../support/until.js';
import type { MayBreak } from './blame.js';
import { killWorker } from './kill-worker.js';
import type { Random } from './random.js';
import { type LoadedVip, loadedVips } from './site.js';

/** What is being churned. */
export interface Site {
  readonly topology: Topology;
  readonly servers: Server[];
  readonly daemon: Daemon;
  readonly random: Random;
}

/** An operation as it was drawn: all that is random in it is fixed. */
export interface Operation {
  readonly what: string;
  /** Undefined: it may break nothing. */
  readonly mayBreak?: MayBreak;
  /** How long it may break something after it was carried out, by what it is. */
  readonly lastsMs?: number;
  /** Since when it may have broken something, if not since it was carried out; milliseconds since 1970. */
  readonly sinceMs?: number;
  run(): Promise<void>;
}

/** How a server stands in a VIP. */
interface Standing {
  present: boolean;
  weight: number;
  state: 'enabled' | 'draining' | 'disabled';
}

/** How long a server's link stays down: shorter than what makes TCP give up, long enough for the neighbour to be missed. */
const LONGEST_DOWN_MS = 1_000;
/** Finds a dead server within two seconds, and mostly does not mind a link that was away for one. */
const healthCheck = { type: 'http', interval: 0.5, timeout: 0.4, rise: 1, fall: 3, jitter: 0.1 };
/** Servers that take new connections of each VIP, at least: so that none is refused for want of servers. */
const LEAST_TAKING = 2;

/** Draws operations at random that are possible as things stand, and keeps account of how they stand. */
export class Operations {
  readonly #standing = new Map<LoadedVip, Standing[]>();
  #extra: string[] = [];
  #stopped: { readonly index: number; readonly sinceMs: number } | undefined;
  #macs = 0;

  constructor(private readonly site: Site) {
    for (const vip of loadedVips) this.#standing.set(vip, this.#fresh());
  }

  /** The next one. */
  draw(): Operation {
    const { random } = this.site;
    const kinds = [
      ...[() => this.#weight(), () => this.#weight(), () => this.#leave(), () => this.#leave(), () => this.#return()],
      ...[() => this.#return(), () => this.#flushAs(), () => this.#flushVip(), () => this.#newLen()],
      ...[() => this.#otherVip(), () => this.#otherVip(), () => this.#replaceVip(), () => this.#health()],
      ...[() => this.#killWorker(), () => this.#linkDown(), () => this.#ownLinkDown(), () => this.#mac()],
    ];
    for (;;) {
      const operation = random.pick(kinds)();
      if (operation !== undefined) return operation;
    }
  }

  /** What has to be carried out before the loads end: a dead server is not left so. */
  last(): Operation | undefined {
    return this.#stopped && this.#start(this.#stopped);
  }

  /** Brings everything back to how it was at first. */
  async restore(): Promise<void> {
    for (const vip of this.#extra.splice(0)) await this.site.daemon.exec(`lb vip ${vip} del`);
    for (const vip of loadedVips) {
      const all = this.#addresses().join(' ');
      await this.site.daemon.exec(`lb as ${vip.words} ${all} weight 100 enable`);
    }
  }

  #weight(): Operation | undefined {
    const { vip, index, standing } = this.#drawn();
    const weight = this.site.random.pick([0, 1, 50, 100]);
    if (!standing.present || (weight === 0 && !this.#spare(vip, index))) return undefined;
    standing.weight = weight;
    return this.#as(vip, index, `weight ${weight}`);
  }

  /** Drains, with or without a deadline, disables or removes a server, with or without its flows. */
  #leave(): Operation | undefined {
    const { vip, index, standing } = this.#drawn();
    if (!standing.present || !this.#spare(vip, index)) return undefined;
    const how = this.site.random.pick(['drain', 'drain deadline 1', 'disable', 'del', 'del flush']);
    standing.present = !how.startsWith('del');
    if (how.startsWith('drain')) standing.state = 'draining';
    if (how === 'disable') standing.state = 'disabled';
    if (how === 'drain' || how === 'del') return this.#as(vip, index, how);
    return {
      ...this.#as(vip, index, how),
      mayBreak: this.#connectionsOf(vip, index),
      ...(how.includes('1') && { lastsMs: 1_500 }),
    };
  }

  /** Adds a server that was removed, or enables one that was drained or disabled. */
  #return(): Operation | undefined {
    const { vip, index, standing } = this.#drawn();
    if (standing.present && standing.state === 'enabled') return undefined;
    const weight = standing.present ? standing.weight : 100;
    Object.assign(standing, { present: true, state: 'enabled', weight });
    return this.#as(vip, index, `weight ${weight} enable`);
  }

  #flushAs(): Operation | undefined {
    const { vip, index, standing } = this.#drawn();
    if (!standing.present) return undefined;
    return { ...this.#as(vip, index, 'flush'), mayBreak: this.#connectionsOf(vip, index) };
  }

  #flushVip(): Operation {
    const vip = this.site.random.pick(loadedVips);
    return { ...this.#line(`lb flush vip ${vip.words}`), mayBreak: { vip: vip.name } };
  }

  #newLen(): Operation {
    const vip = this.site.random.pick(loadedVips);
    const newLen = this.site.random.pick([256, 1024, 4096, 16384]);
    return {
      what: `PATCH ${vip.name} newLen ${newLen}`,
      run: async () => {
        await this.site.daemon.ask('PATCH', `/v1/vips/${encodeURIComponent(vip.id)}`, { newLen });
      },
    };
  }

  /** Adds or removes a VIP that has nothing to do with those under load, but may be a longer or shorter prefix around them. */
  #otherVip(): Operation {
    const { random } = this.site;
    if (this.#extra.length > 0 && random.below(2) === 0) {
      const [vip] = this.#extra.splice(random.below(this.#extra.length), 1);
      return this.#line(`lb vip ${vip} del`);
    }
    const vip = random.pick([
      `90.200.${random.below(256)}.0/24`,
      '90.0.0.0/8',
      '90.1.0.0/16',
      '90.1.2.0/24',
      '90.1.2.0/29',
    ]);
    if (this.#extra.includes(vip)) return this.#otherVip();
    this.#extra.push(vip);
    const ass = this.#addresses().slice(random.below(4)).join(' ');
    return {
      what: `lb vip ${vip} with ${ass}`,
      run: async () => {
        await this.site.daemon.exec(`lb vip ${vip} encap gre4 new_len 256`);
        await this.site.daemon.exec(`lb as ${vip} ${ass}`);
      },
    };
  }

  /** Removes a VIP under load and makes it again. */
  #replaceVip(): Operation {
    const vip = this.site.random.pick(loadedVips);
    this.#standing.set(vip, this.#fresh());
    return {
      what: `lb vip ${vip.words} del, then again`,
      mayBreak: { vip: vip.name },
      run: async () => {
        await this.site.daemon.exec(`lb vip ${vip.words} del`);
        await this.site.daemon.exec(`lb vip ${vip.words} ${vip.options}`);
        await this.site.daemon.exec(`lb as ${vip.words} ${this.#addresses().join(' ')}`);
        await this.#check(vip);
      },
    };
  }

  /** Kills a server's nginx, or starts it again; both end when health checks have noticed. */
  #health(): Operation | undefined {
    if (this.#stopped !== undefined) return this.#start(this.#stopped);
    const index = this.site.random.below(this.site.servers.length);
    if (!loadedVips.every((vip) => this.#spare(vip, index))) return undefined;
    this.#stopped = { index, sinceMs: Date.now() };
    return {
      what: `s${index + 1} dies`,
      mayBreak: { server: `s${index + 1}` },
      run: async () => {
        await this.site.servers[index]!.nginx.stop('SIGKILL');
        await this.#healthIs(this.#addresses()[index]!, 'failing');
      },
    };
  }

  #start({ index, sinceMs }: { index: number; sinceMs: number }): Operation {
    this.#stopped = undefined;
    const { servers } = this.site;
    return {
      what: `s${index + 1} returns`,
      // While nothing listens, whoever is sent here is refused: before it was found out, and when so many fail that none is believed.
      mayBreak: { server: `s${index + 1}`, openingOnly: true },
      sinceMs,
      run: async () => {
        const { ns } = servers[index]!;
        servers[index] = {
          ...servers[index]!,
          nginx: await startNginx(ns, [serverPorts.http, serverPorts.httpTarget]),
        };
      },
    };
  }

  #killWorker(): Operation {
    const worker = this.site.random.below(2);
    return {
      what: `worker ${worker} is killed`,
      run: () => killWorker(this.site.daemon, worker),
    };
  }

  /** Takes the link of a server away for a while: TCP sends again, so this may delay, but not break. */
  #linkDown(): Operation | undefined {
    const index = this.site.random.below(this.site.servers.length);
    return this.#down(`s${index + 1}`);
  }

  #ownLinkDown(): Operation {
    return this.#down('lb0');
  }

  #down(port: string): Operation {
    const { router } = this.site.topology;
    const downMs = 100 + this.site.random.below(LONGEST_DOWN_MS - 100);
    return {
      what: `${port} is down for ${downMs} ms`,
      run: async () => {
        await router.ns.ip(`link set ${port} down`);
        // How long it is down is what is tried, not a wait for something.
        await new Promise((resolve) => setTimeout(resolve, downMs));
        await router.ns.ip(`link set ${port} up`);
      },
    };
  }

  #mac(): Operation {
    const index = this.site.random.below(this.site.servers.length);
    const mac = `02:00:00:01:${hex(this.#macs >> 8)}:${hex(this.#macs++ & 255)}`;
    return {
      what: `s${index + 1} has MAC address ${mac}`,
      run: () => this.site.topology.servers[index]!.ns.ip(`link set eth0 address ${mac}`),
    };
  }

  /** Gives a VIP its health check. */
  async #check(vip: LoadedVip): Promise<void> {
    const check = { ...healthCheck, port: vip.checkPort };
    await this.site.daemon.ask('PATCH', `/v1/vips/${encodeURIComponent(vip.id)}`, { check });
  }

  /** Switches health checks on, for all VIPs. */
  async checkAll(): Promise<void> {
    for (const vip of loadedVips) await this.#check(vip);
    for (const address of this.#addresses()) await this.#healthIs(address, 'healthy');
  }

  /** Waits until the checks of all VIPs have found a server to be so. */
  async #healthIs(address: string, wanted: CheckedAs['health']): Promise<void> {
    await until(`${address} is ${wanted}`, async () => {
      const { checks } = await this.site.daemon.ask<{ checks: readonly CheckedAs[] }>('GET', '/v1/health');
      return checks.every((check) => check.address !== address || check.health === wanted);
    });
  }

  /** Whether a VIP has servers enough without one. */
  #spare(vip: LoadedVip, without: number): boolean {
    const taking = this.#standing
      .get(vip)!
      .filter(
        ({ present, state, weight }, index) =>
          present && state === 'enabled' && weight > 0 && index !== without && index !== this.#stopped?.index,
      );
    return taking.length >= LEAST_TAKING;
  }

  #drawn() {
    const vip = this.site.random.pick(loadedVips);
    const index = this.site.random.below(this.site.servers.length);
    return { vip, index, standing: this.#standing.get(vip)![index]! };
  }

  #as({ words }: LoadedVip, index: number, how: string): Operation {
    return this.#line(`lb as ${words} ${this.#addresses()[index]} ${how}`);
  }

  #line(line: string): Operation {
    return { what: line, run: () => this.site.daemon.exec(line) };
  }

  #connectionsOf({ name }: LoadedVip, index: number): MayBreak {
    return { vip: name, server: `s${index + 1}` };
  }

  #addresses(): string[] {
    return this.site.topology.servers.map(({ address }) => address[4]);
  }

  #fresh(): Standing[] {
    return this.site.topology.servers.map(() => ({ present: true, weight: 100, state: 'enabled' }));
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
