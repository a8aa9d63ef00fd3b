import {
  hostAddresses,
  type Link,
  NeighbourProber,
  NetworkMemory,
  NetworkState,
  toNetworkSpec,
} from '@lb/control/network';
import { type Address, addressEquals } from '@lb/core';
import { type NetworkSpec, networkEquals } from '@lb/dataplane';
import type { Log } from './log.js';

/** An interface that is served. */
export interface ServedLink {
  /** As it is configured. */
  readonly name: string;
  /** What the kernel calls it now. */
  device: string;
  readonly queue: number;
}

export interface NetworkListener {
  /** Next hops or the host's addresses have changed. */
  changed(): void;
  /** An interface that is served has vanished, or has come (back). */
  appeared(name: string, isThere: boolean): void;
  /** An interface that is served has another device name than `before`. */
  renamed(served: ServedLink, before: string): void;
}

/** Follows the kernel's network for the interfaces that are served, and has it resolve the ASs' next hops. */
export class LiveNetwork {
  spec: NetworkSpec = { interfaces: [], neighbours: [], routes: [] };
  hosts: readonly Address[] = [];
  private prober: NeighbourProber | undefined;
  private bound: readonly ServedLink[] = [];
  private readonly memory = new NetworkMemory();
  private memoryTimer: NodeJS.Timeout | undefined;
  /** By the kernel's number of it, so that a renamed one is still the same; absent while it is not there. */
  private readonly indexes = new Map<ServedLink, number>();

  private constructor(readonly state: NetworkState) {}

  /** Reads the network once. @throws LbError LB_NET_* */
  static async open(log: Log): Promise<LiveNetwork> {
    const state = new NetworkState();
    state.on('problem', (error) => log.warn({ code: error.code }, error.message));
    await state.start();
    return new LiveNetwork(state);
  }

  /** The interfaces whose next hops count. */
  bind(bound: readonly ServedLink[]): void {
    this.bound = bound;
    for (const served of bound) this.see(served, this.linkOf(served));
    this.update();
  }

  /** From now on tell of changes. */
  follow(listener: NetworkListener, log: Log): void {
    const update = () => {
      if (this.update()) listener.changed();
      clearTimeout(this.memoryTimer);
      const forgetMs = this.memory.nextChangeMs - performance.now();
      if (forgetMs < Number.POSITIVE_INFINITY) this.memoryTimer = setTimeout(update, Math.max(1, Math.ceil(forgetMs)));
    };
    this.state.on('change', () => {
      for (const served of this.bound) this.look(served, listener);
      update();
    });
    this.prober = new NeighbourProber(this.state, this.devices());
    this.prober.on('problem', (error) => log.warn({ code: error.code }, error.message));
    this.prober.start();
  }

  /** The ASs, whose next hops are to be resolved. */
  setAddresses(addresses: readonly Address[]): void {
    this.prober?.setAddresses(addresses);
  }

  /** Returns whether anything changed. */
  private update(): boolean {
    const snapshot = this.memory.follow(this.state.snapshot, performance.now());
    const spec = toNetworkSpec(snapshot, this.devices());
    const hosts = hostAddresses(snapshot);
    const same =
      networkEquals(spec, this.spec) &&
      hosts.length === this.hosts.length &&
      hosts.every((address, i) => addressEquals(address, this.hosts[i]!));
    if (same) return false;
    this.spec = spec;
    this.hosts = hosts;
    return true;
  }

  /** What has become of an interface: another one of its name may have come in its place between two looks. */
  private look(served: ServedLink, listener: NetworkListener): void {
    const before = this.indexes.get(served);
    const { device } = served;
    const link = this.linkOf(served);
    this.see(served, link);
    if (before !== undefined && link?.index !== before) listener.appeared(served.name, false);
    if (link !== undefined && link.index !== before) listener.appeared(served.name, true);
    else if (served.device !== device) listener.renamed(served, device);
  }

  private see(served: ServedLink, link: Link | undefined): void {
    if (link === undefined) this.indexes.delete(served);
    else this.indexes.set(served, link.index);
    served.device = link?.name ?? served.name;
  }

  /** The one that is known, whatever it is called now; else the one with its name. */
  linkOf(served: ServedLink): Link | undefined {
    const { links } = this.state.snapshot;
    const index = this.indexes.get(served);
    const known = links.find((link) => link.index === index);
    return known ?? links.find(({ name, altNames }) => name === served.name || altNames.includes(served.name));
  }

  /** Views of them by the names that the kernel uses at any time. */
  private devices(): { readonly name: string; readonly queue: number }[] {
    return this.bound.map((served) => ({
      get name() {
        return served.device;
      },
      queue: served.queue,
    }));
  }

  async stop(): Promise<void> {
    await this.prober?.stop();
    await this.state.stop();
    clearTimeout(this.memoryTimer);
  }
}
