import * as fc from 'fast-check';
import type { Config, ConfigInput } from './schema.js';
import { checkDocument } from './validate.js';
import { VipIndex } from './vip-index.js';

const ip4 = fc.ipV4().filter((text) => !/^(0\.0\.0\.0|22[4-9]\.|23\d\.|255\.)/.test(text));
const ip6 = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 7, maxLength: 7 })
  .map((rest) => `2001:${rest.map((word) => word.toString(16)).join(':')}`);
const port = fc.integer({ min: 1, max: 65_535 });
const powerOfTwo = fc.integer({ min: 0, max: 24 }).map((bits) => 2 ** bits);
const encap = fc.constantFrom('gre4', 'gre6', 'l3dsr', 'nat4', 'nat6');
const interfaces = fc.uniqueArray(fc.stringMatching(/^[!-"$-~]{1,15}$/), { maxLength: 3 });

type VipInput = NonNullable<ConfigInput['vips']>[number];

/** VIPs that are right by themselves, on few enough prefixes and ports to meet each other. */
const vip: fc.Arbitrary<VipInput> = encap.chain((encap) => {
  const nat = encap === 'nat4' || encap === 'nat6';
  const prefix4 = fc.oneof(
    fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '192.0.2.1'),
    ip4,
    ip4.map((text) => `${text}/24`),
  );
  const prefix6 = fc.oneof(
    fc.constantFrom('2001:db8::/32', '2001:db8::1'),
    ip6.map((text) => `${text}/64`),
  );
  const prefix =
    encap === 'nat6' ? prefix6 : encap === 'nat4' || encap === 'l3dsr' ? prefix4 : fc.oneof(prefix4, prefix6);
  const as = fc.record({
    address: encap === 'gre6' || encap === 'nat6' ? ip6 : ip4,
    weight: fc.integer({ min: 0, max: 100 }),
  });
  return fc.record(
    {
      prefix,
      encap: fc.constant(encap),
      port: fc.oneof(fc.constantFrom(80, 443), port),
      protocol: fc.constantFrom('tcp' as const, 'udp' as const),
      ...(nat ? { targetPort: port, nodePort: port } : {}),
      ...(encap === 'l3dsr' ? { dscp: fc.integer({ min: 0, max: 63 }) } : {}),
      type: fc.constantFrom('clusterip' as const, 'nodeport' as const),
      newLen: powerOfTwo,
      srcIpSticky: fc.boolean(),
      ass: fc.uniqueArray(as, { maxLength: 5, selector: (item) => item.address }),
    },
    { requiredKeys: ['prefix', 'encap', ...(nat ? (['port'] as const) : [])] },
  );
});

/** Any valid configuration. VIPs that cannot stand beside those before them are left out. */
export const anyConfig: fc.Arbitrary<Config> = fc
  .record({
    globals: fc.record(
      {
        ip4SrcAddress: ip4,
        ip6SrcAddress: ip6,
        buckets: powerOfTwo,
        timeout: fc.integer({ min: 1, max: 604_800 }),
        flowHash: fc.constantFrom('fast' as const, 'vpp' as const),
        table: fc.constantFrom('maglev' as const, 'vpp' as const),
        natInterfaces: fc.record({ nat4: interfaces, nat6: interfaces }),
      },
      { requiredKeys: [] },
    ),
    vips: fc.array(vip, { maxLength: 6 }),
  })
  .map(({ globals, vips }) => {
    const index = new VipIndex();
    for (const candidate of vips) {
      const { config } = checkDocument({ vips: [candidate] });
      const [valid] = config?.vips ?? [];
      if (valid !== undefined && index.checkAgainst(valid).length === 0) index.set(valid);
    }
    return checkDocument({ ...globals, vips: index.values() }).config;
  })
  .filter((config) => config !== undefined);
