import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Applied, applyCommands } from './apply.js';
import { anyConfig } from './config.testkit.js';
import { ConfigError } from './errors.js';
import { formatCommands } from './grammar/format.js';
import { parseCommands } from './grammar/parse.js';
import { type Config, emptyConfig } from './schema.js';

function apply(config: Config, ...lines: string[]): Applied {
  return applyCommands(config, parseCommands(lines.join('\n')));
}

function assOf({ config }: Applied, vip = 0): [string, number][] {
  return config.vips[vip]!.ass.map(({ address, weight }) => [address, weight]);
}

const BASE = apply(emptyConfig(), 'lb vip 10.0.0.0/8', 'lb as 10.0.0.0/8 192.0.2.1 192.0.2.2 weight 50').config;

describe('ASs', () => {
  test('a new AS has weight 100, one of a line with a weight has that', () => {
    expect(assOf(apply(BASE, 'lb as 10.0.0.0/8 192.0.2.3', 'lb as 10.0.0.0/8 weight 0 192.0.2.4 192.0.2.5'))).toEqual([
      ['192.0.2.1', 50],
      ['192.0.2.2', 50],
      ['192.0.2.3', 100],
      ['192.0.2.4', 0],
      ['192.0.2.5', 0],
    ]);
  });

  test('naming an AS again sets its weight in its place, and keeps it when no weight is given', () => {
    const changed = apply(BASE, 'lb as 10.0.0.0/8 192.0.2.1 weight 7', 'lb as 10.0.0.0/8 192.0.2.2 192.0.2.3');
    expect(assOf(changed)).toEqual([
      ['192.0.2.1', 7],
      ['192.0.2.2', 50],
      ['192.0.2.3', 100],
    ]);
  });

  test('del removes exactly the named ones; other words beside it say nothing', () => {
    const changed = apply(BASE, 'lb as 10.0.0.0/8 192.0.2.1 weight 3 del');
    expect(assOf(changed)).toEqual([['192.0.2.2', 50]]);
    expect(changed.effects).toEqual([]);
  });

  test('flush is asked of the caller, for each AS, with and without del', () => {
    const gone = apply(BASE, 'lb as 10.0.0.0/8 192.0.2.2 192.0.2.1 del flush');
    expect(assOf(gone)).toEqual([]);
    expect(gone.effects).toMatchObject([
      { kind: 'flush-as', vip: { prefix: '10.0.0.0/8' }, address: '192.0.2.2' },
      { kind: 'flush-as', vip: { prefix: '10.0.0.0/8' }, address: '192.0.2.1' },
    ]);
    const kept = apply(BASE, 'lb as 10.0.0.0/8 192.0.2.1 flush');
    expect(kept.config).toEqual(BASE);
    expect(kept.effects).toMatchObject([{ kind: 'flush-as', address: '192.0.2.1' }]);
  });
});

test('an AS that comes back stands last, and a VIP made anew has none of those before', () => {
  const again = apply(BASE, 'lb as 10.0.0.0/8 192.0.2.1 del', 'lb as 10.0.0.0/8 192.0.2.1 weight 3');
  expect(assOf(again)).toEqual([
    ['192.0.2.2', 50],
    ['192.0.2.1', 3],
  ]);
  const anew = apply(BASE, 'lb as 10.0.0.0/8 192.0.2.3', 'lb vip 10.0.0.0/8 del', 'lb vip 10.0.0.0/8');
  expect(assOf(anew)).toEqual([]);
});

describe('states and ramps', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const at = (config: Config, when: Date, ...lines: string[]) =>
    applyCommands(config, parseCommands(lines.join('\n')), when).config;
  const first = (config: Config) => config.vips[0]!.ass[0]!;
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

  test('drain with a deadline, which the next state word ends', () => {
    const drained = at(BASE, now, 'lb as 10.0.0.0/8 192.0.2.1 drain deadline 90');
    const draining = { address: '192.0.2.1', weight: 50, state: 'draining' };
    expect(first(drained)).toEqual({ ...draining, drainUntil: '2026-01-01T12:01:30.000Z' });
    expect(first(at(drained, later(5), 'lb as 10.0.0.0/8 192.0.2.1 weight 7'))).toEqual({
      ...{ ...draining, weight: 7 },
      drainUntil: '2026-01-01T12:01:30.000Z',
    });
    expect(first(at(drained, later(5), 'lb as 10.0.0.0/8 192.0.2.1 drain'))).toEqual(draining);
    expect(at(drained, later(5), 'lb as 10.0.0.0/8 192.0.2.1 enable')).toEqual(BASE);
    expect(first(at(drained, later(5), 'lb as 10.0.0.0/8 192.0.2.1 disable'))).toEqual({
      ...draining,
      state: 'disabled',
    });
  });

  test('a ramp goes on from the weight of the moment, and a weight without a time ends it', () => {
    const ramped = at(BASE, now, 'lb as 10.0.0.0/8 192.0.2.1 weight 90 over 40');
    expect(first(ramped)).toMatchObject({
      weight: 90,
      ramp: { from: 50, start: '2026-01-01T12:00:00.000Z', seconds: 40 },
    });
    const turned = at(ramped, later(10), 'lb as 10.0.0.0/8 192.0.2.1 weight 0 over 60');
    expect(first(turned)).toMatchObject({
      weight: 0,
      ramp: { from: 60, start: '2026-01-01T12:00:10.000Z', seconds: 60 },
    });
    expect(first(at(ramped, later(10), 'lb as 10.0.0.0/8 192.0.2.1 flush'))).toEqual(first(ramped));
    expect(first(at(ramped, later(10), 'lb as 10.0.0.0/8 192.0.2.1 weight 80'))).not.toHaveProperty('ramp');
  });

  test('an AS that takes no flows yet begins with one share', () => {
    const added = at(BASE, now, 'lb as 10.0.0.0/8 192.0.2.9 weight 80 over 60');
    expect(added.vips[0]!.ass[2]).toMatchObject({ weight: 80, ramp: { from: 1, seconds: 60 } });
    const back = at(
      BASE,
      now,
      'lb as 10.0.0.0/8 192.0.2.1 disable',
      'lb as 10.0.0.0/8 192.0.2.1 enable weight 100 over 60',
    );
    expect(first(back)).toMatchObject({ state: 'enabled', ramp: { from: 1 } });
    const zero = at(BASE, now, 'lb as 10.0.0.0/8 192.0.2.9 weight 0 over 60');
    expect(zero.vips[0]!.ass[2]).toMatchObject({ weight: 0, ramp: { from: 0 } });
  });
});

describe('VIPs', () => {
  test('del needs the name alone, and takes the ASs with it', () => {
    expect(apply(BASE, 'lb vip 10.0.0.0/8 encap gre4 new_len 1024 del').config).toEqual(emptyConfig());
  });

  test('a VIP can be made anew after del, and then stands last', () => {
    const lines = ['lb vip 10.1.0.0/16', 'lb vip 10.0.0.0/8 del', 'lb vip 10.0.0.0/8 encap gre6'];
    const { config } = apply(BASE, ...lines);
    expect(config.vips.map(({ prefix, encap, ass }) => [prefix, encap, ass.length])).toEqual([
      ['10.1.0.0/16', 'gre4', 0],
      ['10.0.0.0/8', 'gre6', 0],
    ]);
  });

  test('a port without protocol names the VIP without protocol, never that of one protocol', () => {
    const { config } = apply(
      emptyConfig(),
      'lb vip 10.0.0.1 port 80',
      'lb vip 10.0.0.1 port 53 protocol udp',
      'lb vip 10.0.0.1 port 53 protocol tcp',
      'lb as 10.0.0.1 port 80 192.0.2.1',
      'lb as 10.0.0.1/32 protocol tcp port 53 192.0.2.2',
    );
    expect(config.vips.map(({ ass }) => ass.map((as) => as.address))).toEqual([['192.0.2.1'], [], ['192.0.2.2']]);
    expect(() => apply(config, 'lb as 10.0.0.1 port 53 192.0.2.3')).toThrow(ConfigError);
    expect(() => apply(config, 'lb as 10.0.0.1 port 80 protocol tcp 192.0.2.3')).toThrow(ConfigError);
  });

  test('a freed node port can be used again', () => {
    const { config } = apply(
      emptyConfig(),
      'lb vip 10.0.0.1 port 80 encap nat4 node_port 30080',
      'lb vip 10.0.0.1 port 80 del',
      'lb vip 10.0.0.2 port 80 encap nat4 node_port 30080',
      'lb vip 2001:db8::1 port 80 encap nat6 node_port 30080',
    );
    expect(config.vips).toHaveLength(2);
  });

  test('TCP and UDP may have one node port and lead to two services', () => {
    const { config } = apply(
      emptyConfig(),
      'lb vip 10.0.0.1 port 53 protocol tcp encap nat4 node_port 30053',
      'lb vip 10.0.0.2 port 53 protocol udp encap nat4 node_port 30053',
    );
    expect(config.vips).toHaveLength(2);
  });

  test('a protocol without a port names the all-port VIP', () => {
    expect(assOf(apply(BASE, 'lb as 10.0.0.0/8 protocol tcp 192.0.2.9'))).toHaveLength(3);
  });
});

test('lb conf sets what it names and leaves the rest', () => {
  const { config } = apply(BASE, 'lb conf timeout 5 ip4-src-address 192.0.2.254', 'lb conf buckets 16', 'lb conf');
  expect(config).toEqual({ ...BASE, timeout: 5, buckets: 16, ip4SrcAddress: '192.0.2.254' });
});

test('interfaces come and go, for each family apart', () => {
  const { config } = apply(
    BASE,
    'lb set interface nat4 in eth0',
    'lb set interface nat6 in eth0',
    'lb set interface nat4 in eth1',
    'lb set interface nat4 in eth0 del',
  );
  expect(config.natInterfaces).toEqual({ nat4: ['eth1'], nat6: ['eth0'] });
});

test('effects are in the order of the commands; show sees the configuration of its moment', () => {
  const { effects, config } = apply(
    BASE,
    'show lb',
    'lb flush vip 10.0.0.0/8',
    'lb vip 10.0.0.0/8 del',
    'show lb vips verbose',
    'show node counters',
  );
  expect(effects).toMatchObject([
    { kind: 'show', what: 'lb', verbose: false, config: BASE },
    { kind: 'flush-vip', vip: { prefix: '10.0.0.0/8' }, source: { line: 2 } },
    { kind: 'show', what: 'vip', verbose: true, config },
    { kind: 'show', what: 'node-counters' },
  ]);
  expect(config.vips).toEqual([]);
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

test('a bad line anywhere means that nothing is applied, and the configuration given is never written to', () => {
  fc.assert(
    fc.property(anyConfig, anyConfig, fc.nat(), (before, wanted, at) => {
      deepFreeze(before);
      const snapshot = JSON.stringify(before);
      const lines = [...before.vips.map((vip) => `lb vip ${vip.prefix}`), ...formatCommands(wanted)];
      const bad = at % (lines.length + 1);
      lines.splice(bad, 0, 'lb vip 203.0.113.77 port 9 del');
      expect(() => apply(before, ...lines)).toThrow(ConfigError);
      expect(JSON.stringify(before)).toBe(snapshot);
    }),
    { numRuns: 60 },
  );
});

test('the first line that cannot be applied is the one reported', () => {
  const lines = ['lb vip 10.0.0.1', 'lb vip 10.0.0.1', 'lb vip 10.0.0.2 dscp 4'];
  expect(() => apply(emptyConfig(), ...lines)).toThrow(/^2:8: VIP 10.0.0.1\/32 exists already$/);
});
