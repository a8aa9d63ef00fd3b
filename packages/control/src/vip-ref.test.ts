import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyConfig } from './config.testkit.js';
import { asId, parseVipId, vipId, vipRefOf } from './vip-ref.js';

test.each([
  [{ prefix: '10.0.0.0/8' }, '10.0.0.0/8'],
  [{ prefix: '90.1.2.1/32', protocol: 'tcp' as const, port: 80 }, '90.1.2.1/32,tcp,80'],
  [{ prefix: '2001:db8::1/128', port: 53 }, '2001:db8::1/128,any,53'],
])('%j is %s', (vip, id) => {
  expect(vipId(vip)).toBe(id);
  expect(parseVipId(id)).toEqual(vip);
});

test('an id is read in any form that the configuration accepts, and written in one', () => {
  expect(parseVipId('90.1.2.1,tcp,80')).toEqual({ prefix: '90.1.2.1/32', protocol: 'tcp', port: 80 });
  expect(parseVipId('2001:DB8::/32')).toEqual({ prefix: '2001:db8::/32' });
});

test('the id of any VIP leads back to it, also through a URL', () => {
  fc.assert(
    fc.property(anyConfig, ({ vips }) => {
      for (const vip of vips) {
        expect(parseVipId(decodeURIComponent(encodeURIComponent(vipId(vip))))).toEqual(vipRefOf(vip));
      }
      expect(new Set(vips.map(vipId)).size).toBe(vips.length);
    }),
    { numRuns: 50 },
  );
});

test('ids of ASs tell VIPs of one prefix apart', () => {
  const ids = [{ prefix: 'p' }, { prefix: 'p', port: 80 }, { prefix: 'p', port: 80, protocol: 'udp' as const }];
  expect(new Set(ids.map((vip) => asId(vip, '192.0.2.1'))).size).toBe(3);
});
