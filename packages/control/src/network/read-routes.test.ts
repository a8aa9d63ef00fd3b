import { describe, expect, it } from 'vitest';
import { readRoutes } from './read-routes.js';
import { recording } from './recordings.testkit.js';

const routes4 = readRoutes(recording('all-up/route4.out'), 4);
const routes6 = readRoutes(recording('all-up/route6.out'), 6);
const to = (prefix: string) => [...routes4, ...routes6].filter((route) => route.prefix === prefix);

const hop = (device: string, gateway?: string) => ({
  device,
  ...(gateway === undefined ? {} : { gateway }),
  dead: false,
  kernelOnly: false,
});

describe('readRoutes', () => {
  it('reads routes to links, by gateways and to everywhere', () => {
    expect(to('10.1.0.0/24')).toEqual([
      { prefix: '10.1.0.0/24', type: 'unicast', metric: 0, preference: 1, hops: [hop('east')] },
    ]);
    expect(to('0.0.0.0/0')).toMatchObject([{ metric: 0, hops: [hop('east', '10.1.0.2')] }]);
    expect(to('::/0')).toMatchObject([{ metric: 1024, hops: [hop('east', 'fd01::2')] }]);
    expect(to('10.35.0.7')).toMatchObject([{ hops: [hop('east', '10.1.0.3')] }]);
    expect(to('10.27.0.0/24')).toMatchObject([{ hops: [hop('west', '172.16.0.1')] }]);
  });

  it('reads an IPv4 route by an IPv6 gateway', () => {
    expect(to('10.21.0.0/16')).toMatchObject([{ hops: [hop('west', 'fd02::2')] }]);
  });

  it('reads multipath routes and nexthop objects', () => {
    const both4 = [hop('east', '10.1.0.2'), hop('west', '10.2.0.2')];
    expect(to('10.20.0.0/16')).toMatchObject([{ hops: both4 }]);
    expect(to('10.28.0.0/16')).toMatchObject([{ hops: both4 }]);
    expect(to('10.29.0.0/16')).toMatchObject([{ hops: [both4[0]] }]);
    expect(to('fd20::/32')).toMatchObject([{ hops: [hop('east', 'fd01::2'), hop('west', 'fd02::2')] }]);
  });

  it('reads metrics and MTUs, locked or not', () => {
    expect(to('10.26.0.0/16')).toMatchObject([
      { metric: 50, hops: [{ device: 'west', mtu: 1300 }] },
      { metric: 100, hops: [{ device: 'east', mtu: 1400 }] },
    ]);
  });

  it('reads the types of routes that do not send', () => {
    const types = ['10.22.0.0/16', '10.23.0.0/16', '10.24.0.0/16', '10.25.0.0/16', '10.30.0.0/16', '10.34.0.0/16'];
    expect(types.map((prefix) => to(prefix)[0].type)).toEqual([
      'blackhole',
      'unreachable',
      'prohibit',
      'throw',
      'blackhole',
      'local',
    ]);
    expect(to('fd22::/32')).toMatchObject([{ type: 'blackhole' }]);
  });

  it('keeps the destination of a route into a tunnel apart from the far end of the tunnel', () => {
    expect(to('10.31.0.0/16')).toMatchObject([{ hops: [{ device: 'east', gateway: '10.1.0.2', kernelOnly: true }] }]);
    expect(to('198.51.100.1')).toEqual([]);
  });

  it('leaves out routes for one type of service or one source', () => {
    expect(to('10.32.0.0/16')).toEqual([]);
    expect(to('fd27::/32')).toEqual([]);
  });

  it('tells hops without a carrier and hops out of use', () => {
    const down = readRoutes(recording('west-no-carrier/route4.out'), 4);
    const dead = (prefix: string) => down.find((route) => route.prefix === prefix)!.hops.map((entry) => entry.dead);
    expect(dead('10.20.0.0/16')).toEqual([false, true]);
    expect(dead('10.2.0.0/24')).toEqual([true]);
    expect(dead('10.1.0.0/24')).toEqual([false]);
    // As iproute2 6.1 prints a hop of a link that is switched off.
    const off = '[{"dst":"10.0.0.0/8","nexthops":[{"gateway":"10.1.0.2","dev":"x","flags":["dead"]}]}]';
    expect(readRoutes(off, 4)).toMatchObject([{ hops: [{ dead: true }] }]);
  });

  it('never takes a gateway that it cannot read for none', () => {
    const odd = '[{"dst":"10.0.0.0/8","via":{"family":"mpls"},"dev":"x","flags":[]}]';
    expect(readRoutes(odd, 4)).toMatchObject([{ hops: [{ kernelOnly: true }] }]);
  });

  it('reads router preferences', () => {
    const text = '[{"dst":"default","dev":"x","pref":"high"},{"dst":"default","dev":"y","pref":"low"}]';
    expect(readRoutes(text, 6).map(({ preference }) => preference)).toEqual([0, 2]);
  });
});
