import type { MayBreak } from './blame.js';
import { type Churned, Disturbances } from './disturbances.js';
import type { Operation } from './operation.js';
import { type LoadedVip, loadedVips } from './site.js';

/** How a server stands in a VIP. */
interface Standing {
  present: boolean;
  weight: number;
  state: 'enabled' | 'draining' | 'disabled';
}

/** Servers that take new connections of each VIP, at least: so that none is refused for want of servers. */
const LEAST_TAKING = 2;
/** How long after a deadline was set flows are cut, seconds. */
const DEADLINE_SEC = 1;

/** Draws operations at random that are possible as things stand, and keeps account of how they stand. */
export class Operations {
  readonly #standing = new Map<LoadedVip, Standing[]>();
  readonly #disturbances: Disturbances;
  readonly #kinds: readonly (() => Operation | undefined)[];
  #extra: string[] = [];

  /** @param only names of the kinds to draw from; all if there are none */
  constructor(
    private readonly churned: Churned,
    only: readonly string[] = [],
  ) {
    for (const vip of loadedVips) this.#standing.set(vip, this.#fresh());
    this.#disturbances = new Disturbances(churned);
    const isSpare = (index: number) => loadedVips.every((vip) => this.#spare(vip, index));
    const kinds = {
      ...{ weight: () => this.#weight(), leave: () => this.#leave(), return: () => this.#return() },
      ...{ flushAs: () => this.#flushAs(), flushVip: () => this.#flushVip(), newLen: () => this.#newLen() },
      ...{ otherVip: () => this.#otherVip(), replaceVip: () => this.#replaceVip() },
      ...{ health: () => this.#disturbances.health(isSpare), longLink: () => this.#disturbances.longLink(isSpare) },
      ...{ worker: () => this.#disturbances.killWorker(), restart: () => this.#disturbances.restart() },
      ...{ link: () => this.#disturbances.link(), ownLink: () => this.#disturbances.ownLink() },
      ...{ mac: () => this.#disturbances.mac(), ownInterface: () => this.#disturbances.ownInterface() },
    };
    const all: Record<string, () => Operation | undefined> = kinds;
    for (const name of only) if (!(name in all)) throw new Error(`no operation '${name}': ${Object.keys(all)}`);
    const often = only.length > 0 ? [] : [kinds.weight, kinds.leave, kinds.return, kinds.return, kinds.otherVip];
    this.#kinds = [...often, ...(only.length > 0 ? only.map((name) => all[name]!) : Object.values(all))];
  }

  /** The next one. */
  draw(): Operation {
    for (;;) {
      const operation = this.churned.random.pick(this.#kinds)();
      if (operation !== undefined) return operation;
    }
  }

  /** Switches health checks on, for all VIPs; returns when all servers are found well. */
  checkAll(): Promise<void> {
    return this.#disturbances.checkAll();
  }

  /** What has to be carried out before the loads end. */
  last(): Operation | undefined {
    return this.#disturbances.last();
  }

  /** Whether a server is dead, so that what breaks cannot be judged yet. */
  get serverIsDead(): boolean {
    return this.#disturbances.stopped !== undefined;
  }

  /** Brings everything back to how it was at first. */
  async restore(): Promise<void> {
    for (const vip of this.#extra.splice(0)) await this.#exec(`lb vip ${vip} del`);
    for (const vip of loadedVips) {
      await this.#exec(`lb as ${vip.words} ${this.#addresses(vip).join(' ')} weight 100 enable`);
    }
  }

  #weight(): Operation | undefined {
    const { vip, index, standing } = this.#drawn();
    const weight = this.churned.random.pick([0, 1, 50, 100]);
    if (!standing.present || (weight === 0 && !this.#spare(vip, index))) return undefined;
    standing.weight = weight;
    return this.#as(vip, index, `weight ${weight}`);
  }

  /** Drains, with or without a deadline, disables or removes a server, with or without its flows. */
  #leave(): Operation | undefined {
    const { vip, index, standing } = this.#drawn();
    if (!standing.present || !this.#spare(vip, index)) return undefined;
    const how = this.churned.random.pick(['drain', 'drain deadline', 'disable', 'del', 'del flush']);
    standing.present = !how.startsWith('del');
    if (how.startsWith('drain')) standing.state = 'draining';
    if (how === 'disable') standing.state = 'disabled';
    if (how === 'del') return this.#as(vip, index, how);
    // A SYN that is sent again goes to another server, while the first one's answer may be on its way.
    const opening = { ...this.#connectionsOf(vip, index), openingOnly: true };
    if (how === 'drain') return { ...this.#as(vip, index, how), mayBreak: opening };
    if (how === 'drain deadline') return this.#deadline(vip, index);
    return { ...this.#as(vip, index, how), mayBreak: this.#connectionsOf(vip, index) };
  }

  #deadline(vip: LoadedVip, index: number): Operation {
    const { runs } = this.churned;
    const address = this.#addresses(vip)[index];
    const sinceMs = Date.now();
    const daemonsBefore = runs.started;
    return {
      ...this.#as(vip, index, `drain deadline ${DEADLINE_SEC}`),
      mayBreak: this.#connectionsOf(vip, index),
      isOver: async () => {
        // A daemon that started later has cut them from its first image on.
        if (Date.now() < sinceMs + DEADLINE_SEC * 1_000) return false;
        if (runs.started > daemonsBefore) return true;
        type Told = { type: string; at: string; what?: string; address?: string; vip?: { prefix: string } };
        const { events } = await runs.daemon.ask<{ events: Told[] }>('GET', '/v1/events?limit=1000');
        const told = events.some(
          (event) =>
            event.type === 'drain' &&
            (event.what === 'deadline' || event.what === 'ended') &&
            event.address === address &&
            event.vip?.prefix === vip.id.split(',')[0] &&
            Date.parse(event.at) >= sinceMs,
        );
        if (!told) return false;
        const { image, acknowledged } = await runs.daemon.show<{ image: number; acknowledged: number }>(
          ...(['node', 'counters'] as const),
        );
        return acknowledged >= image;
      },
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
    const vip = this.churned.random.pick(loadedVips);
    return { ...this.#line(`lb flush vip ${vip.words}`), mayBreak: { vip: vip.name } };
  }

  #newLen(): Operation {
    const vip = this.churned.random.pick(loadedVips);
    const newLen = this.churned.random.pick([256, 1024, 4096, 16384]);
    return {
      what: `PATCH ${vip.name} newLen ${newLen}`,
      run: async () => {
        await this.churned.runs.daemon.ask('PATCH', `/v1/vips/${encodeURIComponent(vip.id)}`, { newLen });
      },
    };
  }

  /** Adds or removes a VIP that has nothing to do with those under load, but may be a longer or shorter prefix around them. */
  #otherVip(): Operation {
    const { random, topology } = this.churned;
    if (this.#extra.length > 0 && random.below(2) === 0) {
      const [vip] = this.#extra.splice(random.below(this.#extra.length), 1);
      return this.#line(`lb vip ${vip} del`);
    }
    const vip = random.pick([
      `90.200.${random.below(256)}.0/24`,
      ...['90.0.0.0/8', '90.1.0.0/16', '90.1.2.0/24', '90.1.2.0/29'],
      ...['2004::/16', '2004::/64', '2004::/125'],
    ]);
    if (this.#extra.includes(vip)) return this.#otherVip();
    this.#extra.push(vip);
    const behind = topology.servers.slice(random.below(topology.servers.length));
    const ass = behind.map(({ address }) => address[4]).join(' ');
    return {
      what: `lb vip ${vip} with ${ass}`,
      run: async () => {
        await this.#exec(`lb vip ${vip} encap gre4 new_len 256`);
        await this.#exec(`lb as ${vip} ${ass}`);
      },
    };
  }

  /** Removes a VIP under load and makes it again. */
  #replaceVip(): Operation {
    const vip = this.churned.random.pick(loadedVips);
    this.#standing.set(vip, this.#fresh());
    return {
      what: `lb vip ${vip.words} del, then again`,
      mayBreak: { vip: vip.name },
      run: async () => {
        await this.#exec(`lb vip ${vip.words} del`);
        await this.#exec(`lb vip ${vip.words} ${vip.options}`);
        await this.#exec(`lb as ${vip.words} ${this.#addresses(vip).join(' ')}`);
        await this.#disturbances.check(vip.id);
      },
    };
  }

  /** Whether a VIP has servers enough without one. */
  #spare(vip: LoadedVip, without: number): boolean {
    const taking = this.#standing
      .get(vip)!
      .filter(
        ({ present, state, weight }, index) =>
          present && state === 'enabled' && weight > 0 && index !== without && index !== this.#disturbances.stopped,
      );
    return taking.length >= LEAST_TAKING;
  }

  #drawn() {
    const vip = this.churned.random.pick(loadedVips);
    const index = this.churned.random.below(this.churned.servers.length);
    return { vip, index, standing: this.#standing.get(vip)![index]! };
  }

  #as(vip: LoadedVip, index: number, how: string): Operation {
    return this.#line(`lb as ${vip.words} ${this.#addresses(vip)[index]} ${how}`);
  }

  #line(line: string): Operation {
    return { what: line, run: () => this.#exec(line) };
  }

  #exec(line: string): Promise<void> {
    return this.churned.runs.daemon.exec(line);
  }

  #connectionsOf({ name }: LoadedVip, index: number): MayBreak {
    return { vip: name, server: `s${index + 1}` };
  }

  #addresses(vip: LoadedVip): string[] {
    return this.churned.topology.servers.map(({ address }) => address[vip.as]);
  }

  #fresh(): Standing[] {
    return this.churned.topology.servers.map(() => ({ present: true, weight: 100, state: 'enabled' }));
  }
}
