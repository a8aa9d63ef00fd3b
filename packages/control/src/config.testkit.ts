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

const time = fc.option(
  fc
    .date({ min: new Date('2026-01-01T00:00:00Z'), max: new Date('2026-01-02T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
);
const ramp = fc.option(
  fc.record({
    from: fc.integer({ min: 0, max: 100 }),
    start: time.map((start) => start ?? '2026-01-01T12:00:00Z'),
    seconds: fc.integer({ min: 1, max: 86_400 }),
  }),
);

type CheckInput = NonNullable<VipInput['check']>;
const bytes = fc.stringMatching(/^([ -[\]-~]|\\x[0-9a-f]{2}|\\\\|é){1,20}$/);
const http = {
  path: fc.stringMatching(/^\/[!-"$-~]{0,20}$/),
  host: fc.constantFrom('www.example.org', '192.0.2.1', '2001:db8::1'),
  status: fc.constantFrom('200', '200-299', '200-299,404'),
};
const talk = { send: bytes, expect: bytes };
const common = {
  via: fc.constantFrom('direct' as const, 'encap' as const),
  interval: fc.integer({ min: 1, max: 36_000 }).map((tenths) => tenths / 10),
  timeout: fc.integer({ min: 5, max: 6000 }).map((hundredths) => hundredths / 100),
  rise: fc.integer({ min: 1, max: 100 }),
  fall: fc.integer({ min: 1, max: 100 }),
  jitter: fc.integer({ min: 0, max: 50 }).map((hundredths) => hundredths / 100),
};

/** With a port, so that it is right for any VIP. */
function checkOf<T>(type: T, settings: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<CheckInput> {
  const required = { type: fc.constant(type), ...(type === 'icmp' ? {} : { port }) };
  const optional = fc.record({ ...common, ...settings }, { requiredKeys: [] });
  return fc.tuple(fc.record(required), optional).map((parts) => Object.assign({}, ...parts) as CheckInput);
}

const check = fc.oneof(
  checkOf('tcp', talk),
  checkOf('udp', talk),
  checkOf('http', http),
  checkOf('https', { ...http, tlsVerify: fc.boolean() }),
  checkOf('icmp', {}),
);

const listeners = fc.uniqueArray(
  fc.oneof(
    fc.record({ address: port.map((number) => `127.0.0.1:${number}`) }),
    fc.record({
      address: fc.tuple(ip6, port).map(([address, number]) => `[${address}]:${number}`),
      tls: fc.constant({ cert: '/etc/lb/cert.pem', key: '/etc/lb/key.pem' }),
    }),
  ),
  { maxLength: 3, selector: ({ address }) => address },
);
const served = fc.uniqueArray(
  fc.record(
    {
      name: fc.stringMatching(/^[!-"$-~]{1,15}$/),
      kind: fc.constantFrom('af_xdp' as const, 'af_packet' as const, 'tap' as const),
    },
    { requiredKeys: ['name'] },
  ),
  { maxLength: 3, selector: ({ name }) => name },
);

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
  const anyAs = fc.record({
    address: encap === 'gre6' || encap === 'nat6' ? ip6 : ip4,
    weight: fc.integer({ min: 0, max: 100 }),
    state: fc.constantFrom('enabled' as const, 'draining' as const, 'disabled' as const),
    drainUntil: time,
    ramp,
  });
  const as = anyAs.map(({ drainUntil, ramp, ...rest }) => ({
    ...rest,
    ...(rest.state === 'draining' && drainUntil !== null ? { drainUntil } : {}),
    ...(ramp === null ? {} : { ramp }),
  }));
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
      check: nat ? check.map((asked) => ({ ...asked, via: 'direct' as const })) : check,
      panic: fc.integer({ min: 0, max: 100 }),
      lastAs: fc.constantFrom('drop' as const, 'keep' as const),
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
        tcpTimeout: fc.integer({ min: 10, max: 604_800 }),
        tcpOpeningTimeout: fc.integer({ min: 1, max: 12 }),
        tcpClosingTimeout: fc.integer({ min: 1, max: 12 }),
        udpTimeout: fc.integer({ min: 1, max: 604_800 }),
        otherTimeout: fc.integer({ min: 1, max: 604_800 }),
        flowHash: fc.constantFrom('fast' as const, 'vpp' as const),
        table: fc.constantFrom('maglev' as const, 'vpp' as const),
        interfaces: served,
        listeners,
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
