import { FlowTable, formatAddress, parseAddress, parsePrefix } from '@lb/core';
import { describe, expect, it } from 'vitest';
import type { FlowEntry, FlowPageQuery, TcpState } from '../src/flows/flow-entry.js';
import type { FlowTuple } from '../src/flows/flow-probe.js';
import { FlowReader } from '../src/flows/index.js';
import { asKey, ImageCompiler, vipKey } from '../src/image/compiler.js';
import type { Image } from '../src/image/image.js';
import type { ImageSpec } from '../src/image/spec.js';
import { Engine } from '../src/pipeline/engine.js';
import { FLOW_SIDE_WORDS } from '../src/pipeline/flow-details.js';
import { packet } from './frames.testkit.js';
import { HandQueue } from './hand-queue.testkit.js';
import { spec, vip } from './specs.testkit.js';

const LINES = 256;
const SECRET = [1, 2, 3, 4] as const;
const SERVERS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const SYN = 0x02;
const ACK = 0x10;
const FIN_ACK = 0x11;
const NAT = { port: 80, targetPort: 8080, nodePort: 30080, protocol: 6 } as const;

const wide = vip('90.0.0.0/8', 'gre4', SERVERS);
const tunnel6 = vip('2002::/16', 'gre6', ['2001:db8::1', '2001:db8::2']);
const nat = vip('92.0.0.1/32', 'nat4', ['10.0.0.5', '10.0.0.2'], NAT);
const sticky = vip('93.0.0.0/8', 'l3dsr', ['10.0.0.6'], { srcIpSticky: true, dscp: 3 });
const ALL = [wide, tunnel6, nat, sticky];

/** Workers fed by hand, and their tables as seen by a reader. */
class World {
  readonly compiler = new ImageCompiler();
  readonly engines: Engine[];
  readonly queues: HandQueue[];
  readonly reader: FlowReader;
  image: Image;
  tick = 100;
  private revision = 1;

  constructor(initial: ImageSpec, { workers = 1, details = true } = {}) {
    this.image = this.compiler.compile(initial, { revision: 1 });
    this.queues = Array.from({ length: workers }, () => new HandQueue());
    this.engines = this.queues.map(
      (source) =>
        new Engine({
          image: this.image,
          source,
          flowTableLines: LINES,
          secret: SECRET,
          ...(details && { flowDetails: new Int32Array(LINES * 4 * FLOW_SIDE_WORDS) }),
        }),
    );
    this.reader = new FlowReader(
      this.engines.map(({ flows }) => flows),
      () => this.tick,
    );
  }

  change(next: ImageSpec, flush: readonly string[] = []): void {
    this.image = this.compiler.compile(next, { revision: ++this.revision, flush: new Set(flush) });
    for (const engine of this.engines) engine.setImage(this.image);
  }

  /** The slot that each packet's AS has. */
  send(frames: readonly Uint8Array[], worker = 0): number[] {
    const queue = this.queues[worker];
    queue.waiting = [...frames];
    queue.tick = this.tick;
    this.engines[worker].poll(queue);
    return [...this.engines[worker].burst.as.subarray(0, frames.length)];
  }

  readonly names = {
    vip: (slot: number) => [...this.compiler.vipSlots.keys()].find((key) => this.compiler.vipSlots.get(key) === slot),
  };

  find(text: string): FlowEntry | undefined {
    return this.reader.find(this.image, tuple(text), this.names);
  }

  page(query: Partial<FlowPageQuery> = {}) {
    return this.reader.page(this.image, { limit: 1000, ...query }, this.names);
  }

  vipSlot(of: typeof wide): number {
    return this.compiler.vipSlots.get(vipKey(of))!;
  }

  asOf(slot: number): string | undefined {
    for (const owner of ALL) {
      for (const { address } of owner.ass) {
        if (this.compiler.asSlots.get(asKey(owner, address)) === slot) return formatAddress(address);
      }
    }
    return undefined;
  }
}

/** `source port destination port protocol` */
function tuple(text: string): FlowTuple {
  const [source, sourcePort, destination, destinationPort, protocol] = text.split(' ');
  return {
    source: parseAddress(source),
    sourcePort: Number(sourcePort),
    destination: parseAddress(destination),
    destinationPort: Number(destinationPort),
    protocol: protocol as FlowTuple['protocol'],
  };
}

function frame(text: string): Uint8Array {
  return segment(text);
}

/** @param flags of TCP; by default ACK */
function segment(text: string, flags = ACK): Uint8Array {
  const [source, sport, destination, dport, protocol] = text.split(' ');
  return packet(source, destination, {
    sport: Number(sport),
    dport: Number(dport),
    protocol: protocol === 'tcp' ? 6 : 17,
    flags,
  });
}

/** An entry as `source port destination port protocol`. */
function text({ client, clientPort, destination, destinationPort, protocol }: FlowEntry): string {
  return [client, clientPort, destination, destinationPort, protocol].join(' ');
}

const FLOWS = Array.from({ length: 40 }, (_, k) => [
  `198.51.100.${k} ${1000 + k} 90.1.2.${k} 53 udp`,
  `2001:db8:1::${k + 1} ${2000 + k} 2002::${k + 1} 443 tcp`,
  `198.51.101.${k} ${3000 + k} 92.0.0.1 80 tcp`,
]).flat();

describe('find', () => {
  it('gives the entry that a flow’s packets use, of every type of VIP', () => {
    const world = new World(spec(ALL));
    const slots = world.send(FLOWS.map(frame));
    world.tick += 32;
    FLOWS.forEach((flow, k) => {
      const found = world.find(flow)!;
      expect(text(found)).toBe(flow);
      expect(found).toMatchObject({
        asSlot: slots[k],
        as: world.asOf(slots[k]),
        ageSec: 2,
        expiresInSec: 38,
        worker: 0,
      });
    });
    expect(new Set(slots).size).toBeGreaterThan(5);
    expect(world.find(FLOWS[0])!.vip).toBe('90.0.0.0/8 0 0');
    expect(world.find(FLOWS[2])!.vip).toBe('92.0.0.1/32 6 80');
  });

  it('gives what a node port leads to', () => {
    const world = new World(spec(ALL));
    world.send([frame('198.51.100.9 999 192.0.2.254 30080 tcp')]);
    expect(world.find('198.51.100.9 999 192.0.2.254 30080 tcp')).toMatchObject({
      vip: '92.0.0.1/32 6 80',
      destination: '192.0.2.254',
      destinationPort: 30080,
    });
    expect(world.find('198.51.100.9 999 192.0.2.254 30081 tcp')).toBeUndefined();
  });

  it('has one answer for all flows of a client of a sticky VIP, without ports', () => {
    const world = new World(spec(ALL));
    world.send([frame('198.51.100.9 999 93.0.0.1 80 tcp')]);
    expect(world.find('198.51.100.9 1 93.0.0.1 443 udp')).toMatchObject({
      client: '198.51.100.9',
      destination: '93.0.0.1',
      clientPort: null,
      destinationPort: null,
      protocol: null,
    });
  });

  it('finds nothing for flows that never were, have ended, were flushed, or are no VIP’s', () => {
    const world = new World(spec(ALL));
    const [as] = world.send([frame(FLOWS[0])]);
    expect(world.find(FLOWS[0])).toBeDefined();
    expect(world.find(FLOWS[3])).toBeUndefined();
    expect(world.find('198.51.100.1 1 8.8.8.8 53 udp')).toBeUndefined();
    expect(world.find('198.51.101.0 3000 92.0.0.1 81 tcp')).toBeUndefined();
    world.tick += 40 * 16 - 1;
    expect(world.find(FLOWS[0])!.expiresInSec).toBe(1 / 16);
    world.tick += 1;
    expect(world.find(FLOWS[0])).toBeUndefined();
    world.send([frame(FLOWS[0])]);
    const without = { ...wide, ass: wide.ass.filter(({ address }) => formatAddress(address) !== world.asOf(as)) };
    world.change(spec([without]));
    expect(world.find(FLOWS[0])!.as).toMatch(/^10\.0\.0\.\d$/);
    world.change(spec([without]), [asKey(wide, parseAddress(world.find(FLOWS[0])!.as))]);
    expect(world.find(FLOWS[0])).toBeUndefined();
  });

  it('looks at all workers, and takes the entry used last', () => {
    const world = new World(spec(ALL), { workers: 3 });
    world.send([frame(FLOWS[0])], 1);
    world.tick += 16;
    world.send([frame(FLOWS[0])], 2);
    expect(world.find(FLOWS[0])).toMatchObject({ worker: 2, expiresInSec: 40 });
  });

  it('knows the identity that the stages know', () => {
    const world = new World(spec(ALL));
    world.send([frame(FLOWS[1])]);
    const { lo, hi } = world.engines[0].burst;
    const identity = ((BigInt.asUintN(32, BigInt(hi[0])) << 32n) | BigInt.asUintN(32, BigInt(lo[0])))
      .toString(16)
      .padStart(16, '0');
    expect(world.find(FLOWS[1])!.identity).toBe(`0x${identity}`);
  });
});

describe('page', () => {
  it('has every flow once, page after page, over all workers', async () => {
    const world = new World(spec(ALL), { workers: 2 });
    world.send(FLOWS.slice(0, 50).map(frame), 0);
    world.send(FLOWS.slice(50).map(frame), 1);
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await world.page({ limit: 7, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.flows.map(text));
      cursor = page.cursor;
      pages++;
    } while (cursor !== undefined);
    expect(pages).toBe(Math.ceil(FLOWS.length / 7));
    expect(seen.sort()).toEqual([...FLOWS].sort());
  });

  it('filters by VIP, AS, client, protocol, port and bucket', async () => {
    const world = new World(spec(ALL));
    world.send(FLOWS.map(frame));
    const all = (await world.page()).flows;
    const those = async (query: Partial<FlowPageQuery>) => (await world.page(query)).flows.map(text).sort();
    const expected = (keep: (entry: FlowEntry) => boolean) => all.filter(keep).map(text).sort();
    const vipSlot = world.vipSlot(tunnel6);
    expect(await those({ vipSlot })).toEqual(FLOWS.filter((flow) => flow.includes(' 2002::')).sort());
    // In two VIPs.
    const as = await those({ as: parseAddress('10.0.0.2') });
    expect(as).toEqual(expected((entry) => entry.as === '10.0.0.2'));
    expect(new Set(as.map((flow) => flow.split(' ')[2].split('.')[0]))).toEqual(new Set(['90', '92']));
    const held = (from: number, to: number) => (flow: string) => {
      const [, host] = /^198\.51\.100\.(\d+) /.exec(flow) ?? [];
      return host !== undefined && Number(host) >= from && Number(host) < to;
    };
    expect(await those({ client: parsePrefix('198.51.100.8/29') })).toEqual(FLOWS.filter(held(8, 16)).sort());
    expect(await those({ client: parsePrefix('2001:db8:1::/48') })).toEqual(
      FLOWS.filter((f) => f.includes(' 2002')).sort(),
    );
    expect(await those({ client: parsePrefix('2001:db8:2::/48') })).toEqual([]);
    expect(await those({ client: parsePrefix('0.0.0.0/0') })).toHaveLength(80);
    expect(await those({ protocol: 6 })).toEqual(FLOWS.filter((flow) => flow.endsWith('tcp')).sort());
    expect(await those({ port: 53 })).toEqual(FLOWS.filter((flow) => flow.includes(' 53 ')).sort());
    expect(await those({ protocol: 6, port: 53 })).toEqual([]);
    const { asSlot } = all[0];
    expect(await those({ asSlot })).toEqual(expected((entry) => entry.asSlot === asSlot));
    const { bucket } = all.find((entry) => entry.vipSlot === vipSlot)!;
    expect(await those({ vipSlot, bucket: bucket! })).toEqual(
      expected((entry) => entry.vipSlot === vipSlot && entry.bucket === bucket),
    );
  });

  it('tells the state of TCP connections, and filters by it', async () => {
    const world = new World(spec(ALL, { timeouts: { tcpOpeningSec: 20, tcpClosingSec: 5 } }));
    const [udp, tcp6, tcp4] = FLOWS;
    const other = '198.51.102.1 1 93.0.0.1 80 tcp';
    const stateOf = (flow: string) => {
      const { state, expiresInSec } = world.find(flow)!;
      return [state, expiresInSec];
    };
    world.send([frame(udp), segment(tcp6, SYN), segment(tcp4, SYN), segment(other, SYN)]);
    expect([udp, tcp6, tcp4].map(stateOf)).toEqual([
      [null, 40],
      ['opening', 20],
      ['opening', 20],
    ]);
    world.send([frame(tcp6), frame(tcp4)]);
    expect([tcp6, tcp4].map(stateOf)).toEqual(Array(2).fill(['established', 40]));
    world.send([segment(tcp4, FIN_ACK)]);
    expect(stateOf(tcp4)).toEqual(['closing', 5]);
    const those = async (state: TcpState) => (await world.page({ state })).flows.map(text);
    expect(await those('opening')).toEqual([]);
    expect(await those('established')).toEqual([tcp6]);
    expect(await those('closing')).toEqual([tcp4]);
    // Shared by all flows of a client.
    expect((await world.page({ vipSlot: world.vipSlot(sticky) })).flows).toMatchObject([{ state: null }]);
  });

  it('without details knows that a connection opens or closes', async () => {
    const world = new World(spec([wide]), { details: false });
    const flow = '198.51.100.1 1 90.1.2.1 80 tcp';
    const states: unknown[] = [];
    for (const flags of [SYN, ACK, FIN_ACK]) {
      world.send([segment(flow, flags)]);
      const { flows } = await world.page();
      states.push(...flows.map(({ state }) => state));
    }
    expect(states).toEqual(['opening', null, 'closing']);
  });

  it('leaves out what has no name any more, and says what lingers on', async () => {
    const world = new World(spec(ALL));
    world.send(FLOWS.map(frame));
    world.change(spec([{ ...wide, ass: wide.ass.slice(0, 1) }]));
    const { flows } = await world.page();
    expect(flows).toHaveLength(40);
    expect(new Set(flows.map(({ as }) => as))).toEqual(new Set(SERVERS));
  });

  it('without details knows identity, VIP and AS, and says so of the rest', async () => {
    const world = new World(spec(ALL), { details: false });
    world.send([frame(FLOWS[0])]);
    const { flows } = await world.page();
    expect(flows).toMatchObject([
      { protocol: null, client: null, clientPort: null, destination: null, destinationPort: null, ageSec: null },
    ]);
    expect(flows[0]).toMatchObject({ vip: '90.0.0.0/8 0 0', as: expect.stringMatching(/^10/), expiresInSec: 40 });
    expect((await world.page({ client: parsePrefix('0.0.0.0/0') })).flows).toEqual([]);
    expect(world.find(FLOWS[0])).toEqual(flows[0]);
  });

  it('does not pass on details that are not of the entry', async () => {
    const world = new World(spec(ALL));
    world.send([frame(FLOWS[0])]);
    const { side } = world.engines[0].flows;
    const at = side.findIndex((word) => word !== 0);
    side[at + 1] ^= 1 << 24;
    expect((await world.page()).flows).toMatchObject([{ client: null, clientPort: null }]);
  });

  it('keeps details with entries that are moved to make room', async () => {
    const world = new World(spec([wide]));
    const many = Array.from({ length: 2.75 * LINES }, (_, k) => `198.51.${k >> 8}.${k & 255} ${k + 1} 90.0.0.1 80 udp`);
    // Few at a time, as only so many entries are moved for a burst.
    for (let k = 0; k < many.length; k += 16) world.send(many.slice(k, k + 16).map(frame));
    const { flows } = await world.page({ limit: 10_000 });
    expect(world.engines[0].counters.vip(0).untracked).toBe(0);
    expect(flows.map(text).sort()).toEqual([...many].sort());
  });

  it('refuses a cursor that is none, and ends when closed', async () => {
    const world = new World(spec(ALL));
    world.send(FLOWS.map(frame));
    for (const cursor of ['', 'x', '-1', '1e3', String(LINES * 4), '9'.repeat(30)]) {
      await expect(world.page({ cursor })).rejects.toMatchObject({ code: 'LB_WORKER_CURSOR' });
    }
    world.reader.close();
    expect(await world.page()).toEqual({ flows: [] });
    expect(world.find(FLOWS[0])).toBeUndefined();
  });
});

describe('a table that takes long to read', () => {
  const image = new ImageCompiler().compile(spec([wide]), { revision: 1 });
  const names = { vip: () => 'it' };
  const flow = (worker: number) => [worker + 1, worker + 2, 0, 200, 1] as const;

  function tables(): FlowTable[] {
    const made = [0, 1].map(() => new FlowTable({ lines: 1 << 15, secret: SECRET }));
    made.forEach((table, worker) => {
      table.insert(...flow(worker));
    });
    return made;
  }

  it('lets others have their turn', async () => {
    const reader = new FlowReader(tables(), () => 0);
    let turns = 0;
    let reading = true;
    const count = (): void => {
      turns++;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    const { flows } = await reader.page(image, { limit: 10 }, names);
    reading = false;
    expect(flows).toHaveLength(2);
    expect(turns).toBeGreaterThan(3);
  });

  it('may be closed meanwhile', async () => {
    const reader = new FlowReader(tables(), () => 0);
    const page = reader.page(image, { limit: 10 }, names);
    const vipFlows = reader.vipFlows(image, 0);
    reader.close();
    expect((await page).flows.length).toBeLessThan(2);
    expect((await vipFlows).flows).toBeLessThan(2);
  });
});

describe('flows of a VIP', () => {
  it.each(['fast', 'vpp'] as const)('are in the buckets where the stages have put them: %s', async (flowHash) => {
    const world = new World(spec(ALL, { flowHash }));
    world.send(FLOWS.map(frame));
    const { burst } = world.engines[0];
    for (const owner of [wide, tunnel6, nat]) {
      const slot = world.vipSlot(owner);
      const expected = new Uint32Array(owner.newLen);
      FLOWS.forEach((_, k) => {
        if (burst.vip[k] === slot) expected[burst.bucket[k]]++;
      });
      const found = await world.reader.vipFlows(world.image, slot);
      expect(found).toMatchObject({ buckets: expected, flows: 40, unknownBucket: 0, unknownAge: 0 });
    }
  });

  it('have an age, from when they were given to their AS', async () => {
    const world = new World(spec(ALL, { timeoutSec: 100_000 }));
    // Sent when so many seconds remain to the end.
    const sent = [90_000, 86_400, 86_399, 3600, 600, 599, 60, 10, 9, 1, 0, 0];
    const end = sent[0];
    sent.forEach((seconds, k) => {
      world.tick = (end - seconds) * 16;
      world.send([frame(FLOWS[3 * k])]);
    });
    // A packet of a known flow does not make it younger.
    world.send([frame(FLOWS[0])]);
    const { ages, unknownAge } = await world.reader.vipFlows(world.image, world.vipSlot(wide));
    expect([...ages]).toEqual([2, 2, 1, 2, 1, 2, 2]);
    expect(unknownAge).toBe(0);
    const { flows } = await world.page();
    expect(flows.map(({ ageSec }) => ageSec).sort((a, b) => a! - b!)).toEqual([...sent].reverse());
  });

  it('are of unknown age, and with VPP’s hash of unknown bucket, where there are no details', async () => {
    for (const flowHash of ['fast', 'vpp'] as const) {
      const world = new World(spec(ALL, { flowHash }), { details: false });
      world.send(FLOWS.map(frame));
      const found = await world.reader.vipFlows(world.image, world.vipSlot(wide));
      expect(found).toMatchObject({ flows: 40, unknownAge: 40, unknownBucket: flowHash === 'vpp' ? 40 : 0 });
      expect(found.ages.every((count) => count === 0)).toBe(true);
    }
  });

  it('are none of a vacant slot', async () => {
    const world = new World(spec([wide]));
    expect(await world.reader.vipFlows(world.image, 7)).toMatchObject({ buckets: new Uint32Array(0), flows: 0 });
  });
});
