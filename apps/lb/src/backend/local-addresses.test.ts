import { formatAddress, parseAddress, parsePrefix } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { checkVips, type HostAddress, localAddresses, sameAddresses } from './local-addresses.js';
import { specOf } from './spec.testkit.js';

const HOST: HostAddress[] = [
  ['lo', '127.0.0.1', true],
  ['lo', '90.1.2.1', true],
  ['eth0', '10.0.0.7', false],
  ['eth0', '90.1.2.1', false],
  ['eth0', 'fe80::7', false],
  ['eth0', '169.254.1.1', false],
  ['eth0', '2001:db8::7', false],
  ['eth1', '192.0.2.7', false],
].map(([name, address, loopback]) => ({
  interface: name as string,
  address: parseAddress(address as string),
  loopback: loopback as boolean,
}));
const withoutVip = HOST.filter(({ address }) => formatAddress(address) !== '90.1.2.1');

describe('localAddresses', () => {
  it("gives the interfaces' own, but for VIPs and link-local ones", () => {
    const of = (spec = specOf()) => localAddresses(spec, HOST).map(formatAddress);
    expect(of()).toEqual(['10.0.0.7', '2001:db8::7']);
    const both = ['eth1', 'eth0'].map((name) => ({ name, kind: 'af_packet' as const }));
    expect(of(specOf({ interfaces: both }))).toEqual(['10.0.0.7', '2001:db8::7', '192.0.2.7']);
    expect(of(specOf({ local: [parseAddress('10.9.9.9')] }))).toEqual(['10.9.9.9']);
  });

  it('compares lists', () => {
    const [a, b] = [parseAddress('10.0.0.1'), parseAddress('10.0.0.2')];
    expect(sameAddresses([a, b], [parseAddress('10.0.0.1'), b])).toBe(true);
    expect(sameAddresses([a, b], [a])).toBe(false);
    expect(sameAddresses([a, b], [b, a])).toBe(false);
  });
});

describe('checkVips', () => {
  const check =
    (vip: string, gateways: string[] = [], host = withoutVip) =>
    () =>
      checkVips(specOf({ vips: [parsePrefix(vip)] }), host, gateways.map(parseAddress));

  it('takes VIPs, on lo or on another interface too', () => {
    expect(check('90.1.2.1', ['10.0.0.254'])).not.toThrow();
    expect(check('90.0.0.0/8', [], [HOST[1]!])).not.toThrow();
    expect(check('192.0.2.7')).not.toThrow();
  });

  it.each([
    ['10.0.0.7/32', [], '10.0.0.7, an address of eth0'],
    ['10.0.0.0/8', [], '10.0.0.7, an address of eth0'],
    ['192.0.0.0/8', [], '192.0.2.7, an address of eth1'],
    ['2001:db8::/32', [], '2001:db8::7, an address of eth0'],
    ['10.0.1.0/24', ['10.0.1.254'], '10.0.1.254, a gateway of this host'],
  ])('refuses %s', (vip, gateways, contains) => {
    expect(check(vip, gateways)).toThrow(`VIP ${vip} contains ${contains}`);
  });
});
