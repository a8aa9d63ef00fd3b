import { type BoundInterface, hostAddresses, NeighbourProber, NetworkState, toNetworkSpec } from '@lb/control/network';
import { type Address, addressEquals } from '@lb/core';
import { type NetworkSpec, networkEquals } from '@lb/dataplane';
import type { Log } from './log.js';

export interface NetworkListener {
  /** Next hops or the host's addresses have changed. */
  changed(): void;
  /** An interface that is served has vanished, or has come (back). */
  appeared(name: string, isThere: boolean): void;
}

/** Follows the kernel's network for the interfaces that are served, and has it resolve the ASs' next hops. */
export class LiveNetwork {
  spec: NetworkSpec = { interfaces: [], neighbours: [], routes: [] };
  hosts: readonly Address[] = [];
  private prober: NeighbourProber | undefined;
  private bound: readonly BoundInterface[] = [];
  private present = new Set<string>();

  private constructor(readonly state: NetworkState) {}

  /** Reads the network once. @throws LbError LB_NET_* */
  static async open(log: Log): Promise<LiveNetwork> {
    const state = new NetworkState();
    state.on('problem', (error) => log.warn({ code: error.code }, error.message));
    await state.start();
    return new LiveNetwork(state);
  }

  /** The interfaces whose next hops count. */
  bind(bound: readonly BoundInterface[]): void {
    this.bound = bound;
    this.update();
  }

  /** From now on tell of changes. */
  follow(listener: NetworkListener, log: Log): void {
    const { bound } = this;
    this.present = this.namesThere();
    this.state.on('change', () => {
      const before = this.present;
      this.present = this.namesThere();
      for (const { name } of bound) {
        if (before.has(name) !== this.present.has(name)) listener.appeared(name, this.present.has(name));
      }
      if (this.update()) listener.changed();
    });
    this.prober = new NeighbourProber(this.state, bound);
    this.prober.on('problem', (error) => log.warn({ code: error.code }, error.message));
    this.prober.start();
  }

  /** The ASs, whose next hops are to be resolved. */
  setAddresses(addresses: readonly Address[]): void {
    this.prober?.setAddresses(addresses);
  }

  /** Returns whether anything changed. */
  private update(): boolean {
    const { snapshot } = this.state;
    const spec = toNetworkSpec(snapshot, this.bound);
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

  private namesThere(): Set<string> {
    return new Set(this.state.snapshot.links.map(({ name }) => name));
  }

  async stop(): Promise<void> {
    await this.prober?.stop();
    await this.state.stop();
  }
}
