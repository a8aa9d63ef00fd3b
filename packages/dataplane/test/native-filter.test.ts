import { formatAddress, parseAddress } from '@lb/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImageCompiler } from '../src/image/compiler.js';
import type { ImageSpec } from '../src/image/spec.js';
import {
  entriesFor,
  type FilterEntry,
  NativeFilter,
  NativeLibrary,
  NativePool,
  NativeQueue,
  nativeLibrary,
  natServersOf,
} from '../src/native/index.js';
import { packet } from './frames.testkit.js';
import { describeLive, enterNetworkNamespace, veth } from './live-network.testkit.js';
import { everyType, spec, vip } from './specs.testkit.js';
import { Wire } from './wire.testkit.js';

/** An entry in short: address/length, protocol:port, @group, flags. */
function text({ address, prefixLength, protocol, port, group, flags }: FilterEntry): string {
  return [
    address && formatAddress(address) + (prefixLength === undefined ? '' : `/${prefixLength}`),
    protocol && `${protocol}:${port}`,
    group && `@${group}`,
    flags && ['', 'ports-only', 'kernel'][flags],
  ]
    .filter(Boolean)
    .join(' ');
}

function texts(image: ImageSpec, host: readonly string[] = [], input?: number) {
  const entries = entriesFor(image, host.map(parseAddress), input === undefined ? {} : { input });
  return Object.fromEntries(Object.entries(entries).map(([kind, list]) => [kind, list.map(text)]));
}

describe('filter entries', () => {
  it('take VIPs, ports, node ports and answers to the worker, and leave the host its addresses', () => {
    expect(texts(everyType(), ['192.0.2.254', 'fe80::1', '192.0.2.254'])).toEqual({
      prefixes: [
        '90.0.0.0/8',
        '91.0.0.0/8',
        '2002::/16',
        '2003::/16',
        '100.0.0.0/8',
        '92.0.0.1/32 @6 ports-only',
        '2004::1/128 @7 ports-only',
        '192.0.2.254/32 kernel',
        'fe80::1/128 kernel',
      ],
      prefixPorts: ['6:80 @6', '17:80 @6', '6:80 @7', '17:80 @7'],
      nodePorts: [
        '192.0.2.254 6:30080',
        '192.0.2.254 17:30080',
        '2001:db8:ff::254 6:30080',
        '2001:db8:ff::254 17:30080',
      ],
      natSources: ['10.0.0.5 6:8080', '10.0.0.5 17:8080', '2001:db8::5 6:8080', '2001:db8::5 17:8080'],
      natAddresses: ['10.0.0.5', '2001:db8::5'],
    });
  });

  it('tie the ports of several VIPs to their prefix, and to no other', () => {
    const web = vip('90.0.0.1/32', 'gre4', [], { port: 80, protocol: 6 });
    const dns = vip('90.0.0.1/32', 'gre4', [], { port: 53, protocol: 17 });
    const other = vip('90.0.0.2/32', 'gre4', [], { port: 443, protocol: 6 });
    const { prefixes, prefixPorts } = texts(spec([web, other, dns]));
    expect(prefixes).toEqual(['90.0.0.1/32 @1 ports-only', '90.0.0.2/32 @2 ports-only']);
    expect(prefixPorts).toEqual(['6:80 @1', '17:53 @1', '6:443 @2']);
  });

  it('let a VIP that is an address of the host be the VIP', () => {
    const { prefixes } = texts(spec([vip('90.0.0.1/32', 'gre4', [])]), ['90.0.0.1', '90.0.0.2']);
    expect(prefixes).toEqual(['90.0.0.1/32', '90.0.0.2/32 kernel']);
  });

  it('expect answers only on interfaces where they arrive', () => {
    const both = everyType();
    expect(texts({ ...both, nat4In: false }).natAddresses).toEqual(['2001:db8::5']);
    const queues = { ...both, nat4InQueues: [1], nat6InQueues: [] };
    expect(texts(queues, [], 0).natSources).toEqual([]);
    expect(texts(queues, [], 1).natAddresses).toEqual(['10.0.0.5']);
  });

  it('know the servers that left while they have flows, from the image', () => {
    const compiler = new ImageCompiler();
    const port = { port: 80, targetPort: 8080, protocol: 6 } as const;
    const two = vip('92.0.0.1/32', 'nat4', ['10.0.0.5', '10.0.0.6'], port);
    compiler.compile(spec([two]));
    const image = compiler.compile(spec([{ ...two, ass: two.ass.slice(0, 1) }]));
    const servers = natServersOf(image).map(text).sort();
    expect(servers).toEqual(['10.0.0.5 6:8080', '10.0.0.6 6:8080']);
    const six = vip('2004::1/128', 'nat6', ['2001:db8::1:2:3'], { ...port, protocol: 17, targetPort: 443 });
    expect(natServersOf(compiler.compile(spec([six]))).map(text)).toContain('2001:db8::1:2:3 17:443');
  });
});

describeLive('the filter of an interface', () => {
  let wire: Wire;
  beforeAll(() => {
    enterNetworkNamespace();
    veth('a0', 'a1');
    wire = new Wire('a1');
  });
  afterAll(() => wire.close());

  it('gives the worker what it is told to, and changes without missing a packet', () => {
    const library = new ProbedLibrary(nativeLibrary());
    const filter = NativeFilter.open('a0', 'auto', library);
    const pool = NativePool.open();
    const queue = NativeQueue.open(pool, { kind: 'af_xdp', interface: 'a0', filter: filter.handle });
    const offset = new Uint32Array(16);
    const length = new Uint32Array(16);
    const arrives = (frame: Uint8Array): boolean => {
      wire.send([frame]);
      const n = queue.rx(offset, length, 16);
      pool.free(offset, n);
      return n === 1;
    };
    const ours = packet('198.51.100.1', '90.0.0.1', { protocol: 6, dport: 80 });
    const later = packet('198.51.100.1', '90.0.0.1', { protocol: 6, dport: 443 });
    const hosts = packet('198.51.100.1', '192.0.2.1', { protocol: 6, dport: 22 });
    expect(arrives(ours)).toBe(false);

    const port = (number: number) => vip('90.0.0.1/32', 'gre4', ['10.0.0.1'], { port: number, protocol: 6 });
    const all = vip('90.0.0.1/32', 'gre4', ['10.0.0.1']);
    const before = vip('80.0.0.1/32', 'gre4', ['10.0.0.1'], { port: 80, protocol: 6 });
    filter.apply(spec([port(80)]), [parseAddress('192.0.2.1')]);
    expect([ours, later, hosts].map(arrives)).toEqual([true, false, false]);

    // The VIP's port stays, whatever else changes: with the numbers of the groups, into an all-port VIP, and back.
    let probes = 0;
    library.afterEachChange = () => {
      probes++;
      expect(arrives(ours)).toBe(true);
    };
    const vips = [
      [before, port(80)],
      [port(80), port(443)],
      [all, before],
      [vip('90.0.0.0/8', 'gre4', []), port(80)],
    ];
    for (const next of [...vips, [port(80)]]) filter.apply(spec(next), [parseAddress('192.0.2.1')]);
    expect(probes).toBeGreaterThan(20);
    expect(arrives(later)).toBe(false);
    expect(arrives(hosts)).toBe(false);
    expect(filter.stats()).toMatchObject({ exempt: 2, noSocket: 0 });
    for (const opened of [queue, filter, pool]) opened.close();
  });
});

/** Looks at what arrives after every single change of the filter. */
class ProbedLibrary extends NativeLibrary {
  afterEachChange = (): void => {};

  constructor(library: NativeLibrary) {
    super(
      library.path,
      {
        ...library.calls,
        filterSet: (...change) => {
          const result = library.calls.filterSet(...change);
          this.afterEachChange();
          return result;
        },
      },
      (address, bytes) => library.view(address, bytes),
    );
  }
}
