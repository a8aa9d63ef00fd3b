import { readdirSync } from 'node:fs';
import { didYouMean } from '@lb/control';
import type { Link } from '@lb/control/network';
import type { Address, LbError } from '@lb/core';
import {
  type FilterStats,
  type Image,
  type ImageSpec,
  type InterfaceClaim,
  NativeFilter,
  NativePool,
  type NativePortsOptions,
  NativeQueue,
  type NativeQueueOptions,
  natServersOf,
} from '@lb/dataplane';
import { daemonError, type LiveWarning } from './errors.js';
import type { InterfaceKind, InterfaceOption } from './interface-option.js';
import { claimLink } from './other-daemons.js';

/** An interface that the workers serve. */
export interface ServedInterface {
  readonly name: string;
  /** What the kernel calls it now. */
  device: string;
  readonly kind: InterfaceKind;
  /** Its number among the queues of each worker, by which packets leave. */
  readonly queue: number;
  /** All numbers under which packets of it arrive. */
  readonly inputs: readonly number[];
  readonly receiveQueues: number;
  /** AF_XDP. Another one after the interface had vanished and come back. */
  filter: NativeFilter | undefined;
  /** Keeps other daemons from it. Undefined for a TAP interface, which is the daemon's own, and while it is gone. */
  claim: InterfaceClaim | undefined;
  /** AF_XDP: whether frames that are not ours can be given back. */
  readonly punts: boolean;
}

/** A queue of a worker, as counters name it. */
export interface QueueName {
  readonly interface: string;
  readonly kind: InterfaceKind;
  readonly receiveQueue: number;
}

/** Numbers of queues are bits in the image. */
const MAX_QUEUES = 32;
/** Frames that fit a frame of the smaller kind: its 2048 bytes without headroom. */
const SMALL_FRAME_ROOM = 1790;
/** Ethernet header and two VLAN tags. */
const ETHERNET_BYTES = 22;

/** The interfaces of a daemon, opened as far as their workers do not do it themselves. */
export class Interfaces {
  private constructor(
    readonly list: readonly ServedInterface[],
    readonly workers: number,
    private readonly mtu: number,
    private readonly fanoutBase: number,
  ) {}

  /**
   * Attach filters, and find out what each interface can do.
   * @param warn told of an interface that is served in another way than the best
   * @throws LbError LB_DAEMON_INTERFACE, LB_DAEMON_INTERFACE_LIVE, LB_DAEMON_QUEUES, LB_NATIVE_*
   */
  static open(
    options: readonly InterfaceOption[],
    links: readonly Link[],
    workers: number,
    warn: (warning: LiveWarning) => void,
  ): Interfaces {
    const list: ServedInterface[] = [];
    const claims: (InterfaceClaim | undefined)[] = [];
    const mtus = [1500];
    try {
      for (const option of options) {
        const link = option.kind === 'tap' ? undefined : findLink(option.name, links);
        const name = link?.name ?? option.name;
        if (list.some((other) => other.name === name)) {
          throw daemonError('LB_DAEMON_INTERFACE', `interface ${name} is named twice`);
        }
        if (link !== undefined) {
          mtus.push(link.mtu);
          claims[list.length] = claimLink(link, warn);
        }
        if (link?.up === false) {
          warn({ code: 'LB_LIVE_WARN_LINK', message: `${name} is down: nothing comes or goes there until it is up` });
        }
        const opened = openOne(name, option.kind, workers, warn);
        const claim = claims[list.length];
        list.push({ ...opened, device: name, queue: list.length, inputs: [], claim });
      }
      return new Interfaces(numbered(list, workers), workers, Math.max(...mtus), 1 + Math.floor(Math.random() * 60000));
    } catch (error) {
      for (const { filter } of list) filter?.close();
      for (const claim of claims) claim?.release();
      throw error;
    }
  }

  /** What worker `index` opens: a queue of each interface first, then the other receive queues that are its. */
  portsOf(index: number): NativePortsOptions {
    const names = this.queuesOf(index);
    const byName = new Map(this.list.map((served) => [served.name, served]));
    const queues = names.map((name) => this.queueOptions(byName.get(name.interface)!, name.receiveQueue));
    const punts = names.map((name): NativeQueueOptions | undefined => {
      const served = byName.get(name.interface)!;
      if (!served.punts) return undefined;
      return { kind: 'punt', interface: served.device, filter: served.filter?.handle ?? 0 };
    });
    const frameSize = this.mtu + ETHERNET_BYTES > SMALL_FRAME_ROOM ? 4096 : 2048;
    const rings = names.filter(({ kind }) => kind === 'af_xdp').length * 4096;
    return { kind: 'native', queues, punts, kernel: true, pool: { frameSize, frames: rings + 2048 } };
  }

  /** The queues of a worker, by number. */
  queuesOf(index: number): QueueName[] {
    const names: QueueName[] = [];
    for (const { name, kind, inputs } of this.list) {
      inputs.forEach((number, round) => {
        names[number] = { interface: name, kind, receiveQueue: index + round * this.workers };
      });
    }
    return names;
  }

  private queueOptions(served: ServedInterface, queue: number): NativeQueueOptions {
    const { name, device, kind } = served;
    if (kind === 'af_xdp') return { kind, interface: device, queue, filter: served.filter?.handle ?? 0 };
    if (kind === 'tap') return { kind, interface: name, ...(this.workers > 1 && { flags: ['multi'] as const }) };
    // Sockets of one group share the flows among them.
    const fanout = this.workers > 1 && { fanoutGroup: this.fanoutBase + served.queue };
    return { kind, interface: device, flags: ['lowLatency', 'groOff'], ...fanout };
  }

  find(name: string): ServedInterface | undefined {
    return this.list.find((served) => served.name === name);
  }

  /** Let the filters pass what an image serves. @throws LbError LB_NATIVE_LIMIT */
  apply(spec: ImageSpec, hostAddresses: readonly Address[], image: Image): void {
    const natServers = natServersOf(image);
    for (const { filter, queue } of this.list) filter?.apply(spec, hostAddresses, { input: queue, natServers });
  }

  filterStats({ filter }: ServedInterface): FilterStats | null {
    return filter?.stats() ?? null;
  }

  /**
   * Claim an interface that vanished and has come back as this link.
   * @throws LbError LB_DAEMON_INTERFACE_LIVE if another daemon serves it by now
   */
  reclaim(served: ServedInterface, link: Link, warn: (warning: LiveWarning) => void): void {
    served.claim?.release();
    served.claim = undefined;
    served.claim = claimLink(link, warn);
  }

  /** Attach a filter to an interface that vanished and has come back. Its workers have to open their queues again. */
  reattach(served: ServedInterface): void {
    if (served.filter === undefined) return;
    served.filter.close();
    served.filter = undefined;
    served.filter = NativeFilter.open(served.device);
  }

  /** From now on the kernel gets all packets. Repeating it does nothing. */
  detach(): void {
    for (const served of this.list) {
      served.filter?.close();
      served.filter = undefined;
    }
  }

  /** Let other daemons have them. Repeating it does nothing. */
  release(): void {
    for (const served of this.list) {
      served.claim?.release();
      served.claim = undefined;
    }
  }
}

function findLink(name: string, links: readonly Link[]): Link {
  const link = links.find((entry) => entry.name === name || entry.altNames.includes(name));
  if (link !== undefined && !link.loopback) return link;
  if (link?.loopback) throw daemonError('LB_DAEMON_INTERFACE', `${name} is the loopback interface`);
  const names = links.filter(({ loopback }) => !loopback).map((entry) => entry.name);
  const there = names.length === 0 ? 'this network namespace has none' : `there are ${names.slice(0, 10).join(', ')}`;
  throw daemonError('LB_DAEMON_INTERFACE', `there is no interface ${name}`, didYouMean(name, names) ?? there);
}

type Opened = Pick<ServedInterface, 'name' | 'kind' | 'receiveQueues' | 'filter' | 'punts'>;

function openOne(
  name: string,
  kind: InterfaceKind | undefined,
  workers: number,
  warn: (warning: LiveWarning) => void,
): Opened {
  const plain = { name, receiveQueues: workers, filter: undefined, punts: false };
  if (kind === 'af_packet' || kind === 'tap') return { ...plain, kind };
  try {
    return openXdp(name, workers);
  } catch (error) {
    const { code, message: why } = error as LbError;
    // Beside another XDP program af_packet would see only what that one leaves: whoever wants this has to say so.
    if (code === 'LB_NATIVE_BUSY') {
      throw daemonError('LB_DAEMON_INTERFACE_LIVE', why, `stop it, or give ${name}=af_packet`);
    }
    if (kind !== undefined) throw error;
    warn({
      code: 'LB_LIVE_WARN_KIND',
      message: `${name} is served by af_packet, as af_xdp does not work on it: ${why}`,
    });
    return { ...plain, kind: 'af_packet' };
  }
}

function openXdp(name: string, workers: number): Opened {
  const receiveQueues = countReceiveQueues(name);
  if (receiveQueues % workers !== 0) {
    const hint = `give --workers ${divisors(receiveQueues)}, or change the queues with ethtool -L ${name}`;
    const has = `${name} has ${receiveQueues} receive ${receiveQueues === 1 ? 'queue' : 'queues'}`;
    throw daemonError('LB_DAEMON_QUEUES', `${has}, which ${workers} workers cannot share evenly`, hint);
  }
  const filter = NativeFilter.open(name);
  try {
    const punts = tryQueues(name, filter);
    return { name, kind: 'af_xdp', receiveQueues, filter, punts };
  } catch (error) {
    filter.close();
    throw error;
  }
}

/** Open an AF_XDP queue and close it again, to know that it works. Returns whether frames can be given back, too. */
function tryQueues(name: string, filter: NativeFilter): boolean {
  const pool = NativePool.open({ frames: 256 });
  try {
    const rings = { rxFrames: 64, txFrames: 64 };
    NativeQueue.open(pool, { kind: 'af_xdp', interface: name, filter: filter.handle, ...rings }).close();
    try {
      NativeQueue.open(pool, { kind: 'punt', interface: name, filter: filter.handle }).close();
      return true;
    } catch {
      return false;
    }
  } finally {
    pool.close();
  }
}

function countReceiveQueues(name: string): number {
  try {
    return readdirSync(`/sys/class/net/${name}/queues`).filter((entry) => entry.startsWith('rx-')).length || 1;
  } catch {
    return 1;
  }
}

function divisors(queues: number): string {
  const all = Array.from({ length: queues }, (_, i) => i + 1).filter((n) => queues % n === 0);
  return all.join(' or ');
}

/** Numbers for the queues of a worker: the interfaces in their order, then the further receive queues. */
function numbered(list: readonly ServedInterface[], workers: number): ServedInterface[] {
  let next = list.length;
  const result = list.map((served) => {
    const rounds = served.receiveQueues / workers;
    const more = Array.from({ length: rounds - 1 }, () => next++);
    // Not a copy of the object: the filter is replaced in it.
    return Object.assign(served, { inputs: [served.queue, ...more] });
  });
  if (next > MAX_QUEUES) {
    const text = `the interfaces have ${next} receive queues for each worker, and at most ${MAX_QUEUES} are possible`;
    throw daemonError('LB_DAEMON_QUEUES', text, 'give more --workers, or fewer queues with ethtool -L');
  }
  return result;
}
