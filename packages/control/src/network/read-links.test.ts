import { describe, expect, it } from 'vitest';
import { readLinks } from './read-links.js';
import { recording } from './recordings.testkit.js';

describe('readLinks', () => {
  it('reads links and their addresses', () => {
    const [lo, east, west, plain, ...rest] = readLinks(recording('all-up/address.out'));
    expect(lo).toEqual({
      index: 1,
      name: 'lo',
      altNames: [],
      enabled: true,
      up: true,
      loopback: true,
      mtu: 65536,
      addresses: ['127.0.0.1/8', '192.0.2.1/32', '::1/128'],
    });
    expect(east).toEqual({
      index: 2,
      name: 'east',
      altNames: ['enp0s1'],
      enabled: true,
      up: true,
      loopback: false,
      mac: '02:00:00:00:00:01',
      mtu: 1500,
      addresses: ['10.1.0.1/24', 'fd01::1/64', 'fe80::ff:fe00:1/64'],
    });
    expect(west).toMatchObject({ name: 'west', up: true, mtu: 9000, mac: '02:00:00:00:00:02' });
    expect(plain).toMatchObject({ name: 'plain', up: true });
    expect(rest).toEqual([]);
  });

  it('takes a link without carrier for down though it is switched on', () => {
    const links = readLinks(recording('west-no-carrier/address.out'));
    expect(links.map(({ name, up }) => [name, up])).toEqual([
      ['lo', true],
      ['east', true],
      ['west', false],
      ['plain', true],
    ]);
  });

  it('leaves out the empty objects that some versions print', () => {
    expect(readLinks('[{},{"ifindex":7,"ifname":"x","mtu":1500,"flags":["UP"]},{}]')).toEqual([
      { index: 7, name: 'x', altNames: [], enabled: true, up: false, loopback: false, mtu: 1500, addresses: [] },
    ]);
  });
});
