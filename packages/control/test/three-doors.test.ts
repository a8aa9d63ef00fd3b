import { ImageCompiler, vipKey } from '@lb/dataplane';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Api } from '../src/api/api.js';
import { MemoryBalancer } from '../src/api/balancer.testkit.js';
import { TokenStore } from '../src/api/token-store.js';
import {
  applyCommands,
  type Config,
  emptyConfig,
  formatYamlConfig,
  parseCommands,
  parseConfig,
  parseYamlConfig,
  resolveConfig,
  type VipRef,
  vipId,
} from '../src/index.js';

/*
 * The same random operations through the three doors: REST requests, command lines, and whole documents in YAML, in
 * which the operations are done by hand.
 */

type Operation =
  | { readonly kind: 'add-vip'; readonly vip: VipRef; readonly newLen: number }
  | { readonly kind: 'delete-vip'; readonly vip: VipRef }
  | { readonly kind: 'add-as'; readonly vip: VipRef; readonly address: string; readonly weight: number }
  | { readonly kind: 'weigh-as'; readonly vip: VipRef; readonly address: string; readonly weight: number }
  | { readonly kind: 'order-as'; readonly vip: VipRef; readonly address: string; readonly state: State }
  | { readonly kind: 'delete-as'; readonly vip: VipRef; readonly address: string };
type State = 'enabled' | 'draining' | 'disabled';

const vips: readonly VipRef[] = [
  { prefix: '90.0.0.0/8' },
  { prefix: '90.1.2.1/32', protocol: 'tcp', port: 80 },
  { prefix: '2004::1/128', port: 53 },
];
const vip = fc.constantFrom(...vips);
const address = fc.integer({ min: 1, max: 6 }).map((last) => `10.0.0.${last}`);
const weight = fc.integer({ min: 0, max: 100 });
const state = fc.constantFrom<State>('enabled', 'draining', 'disabled');
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add-vip'), vip, newLen: fc.constantFrom(16, 64, 256) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete-vip'), vip }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add-as'), vip, address, weight }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('weigh-as'), vip, address, weight }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('order-as'), vip, address, state }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete-as'), vip, address }) },
) as fc.Arbitrary<Operation>;

const same = (a: VipRef, b: VipRef) => vipId(a) === vipId(b);

/** Whether the VIP and the AS that an operation needs are there, and those that it makes are not. */
function fits({ vips: all }: Config, wanted: Operation): boolean {
  const found = all.find((one) => same(one, wanted.vip));
  if (wanted.kind === 'add-vip') return found === undefined;
  if (wanted.kind === 'delete-vip') return found !== undefined;
  const isThere = found?.ass.some((as) => as.address === wanted.address);
  return found !== undefined && isThere === (wanted.kind !== 'add-as');
}

/** By hand, on a plain document. */
function edited(config: Config, wanted: Operation): unknown {
  if (wanted.kind === 'add-vip') {
    return { ...config, vips: [...config.vips, { ...wanted.vip, newLen: wanted.newLen }] };
  }
  if (wanted.kind === 'delete-vip') return { ...config, vips: config.vips.filter((one) => !same(one, wanted.vip)) };
  return {
    ...config,
    vips: config.vips.map((one) => (same(one, wanted.vip) ? { ...one, ass: editedAss(one.ass, wanted) } : one)),
  };
}

function editedAss(
  ass: Config['vips'][number]['ass'],
  wanted: Extract<Operation, { readonly address: string }>,
): unknown[] {
  if (wanted.kind === 'add-as') return [...ass, { address: wanted.address, weight: wanted.weight }];
  if (wanted.kind === 'delete-as') return ass.filter((as) => as.address !== wanted.address);
  const change = wanted.kind === 'weigh-as' ? { weight: wanted.weight } : { state: wanted.state };
  return ass.map((as) => (as.address === wanted.address ? { ...as, ...change } : as));
}

const ORDERS = { enabled: 'enable', draining: 'drain', disabled: 'disable' } as const;

function commandOf(wanted: Operation): string {
  const { prefix, protocol, port } = wanted.vip;
  const name = [prefix, ...(protocol ? ['protocol', protocol] : []), ...(port ? ['port', port] : [])].join(' ');
  switch (wanted.kind) {
    case 'add-vip':
      return `lb vip ${name} new_len ${wanted.newLen}`;
    case 'delete-vip':
      return `lb vip ${name} del`;
    case 'delete-as':
      return `lb as ${name} ${wanted.address} del`;
    case 'order-as':
      return `lb as ${name} ${wanted.address} ${ORDERS[wanted.state]}`;
    default:
      return `lb as ${name} ${wanted.address} weight ${wanted.weight}`;
  }
}

function requestOf(wanted: Operation): { method: string; url: string; body?: object } {
  const url = `/v1/vips/${encodeURIComponent(vipId(wanted.vip))}`;
  switch (wanted.kind) {
    case 'add-vip':
      return { method: 'POST', url: '/v1/vips', body: { ...wanted.vip, newLen: wanted.newLen } };
    case 'delete-vip':
      return { method: 'DELETE', url };
    case 'add-as':
      return { method: 'POST', url: `${url}/ass`, body: { address: wanted.address, weight: wanted.weight } };
    case 'weigh-as':
      return { method: 'PATCH', url: `${url}/ass/${wanted.address}`, body: { weight: wanted.weight } };
    case 'order-as':
      return { method: 'PATCH', url: `${url}/ass/${wanted.address}`, body: { state: wanted.state } };
    case 'delete-as':
      return { method: 'DELETE', url: `${url}/ass/${wanted.address}` };
  }
}

/** Addresses of the ASs by bucket, for each VIP: what an image says without its slots. */
function tablesOf(compiler: ImageCompiler, config: Config, revision: number): unknown {
  const spec = resolveConfig(config);
  const image = compiler.compile(spec, { revision });
  const owners = new Map([...compiler.asSlots.keys()].map((key) => [compiler.asSlots.get(key)!, key]));
  return spec.vips.map((one) =>
    Array.from(image.table(compiler.vipSlots.get(vipKey(one))!), (slot) => owners.get(slot) ?? null),
  );
}

const log = { info() {}, warn() {}, error() {} };

async function byRequests(operations: readonly Operation[]): Promise<MemoryBalancer> {
  const tokens = TokenStore.open();
  const authorization = `Bearer ${tokens.create('test', 'admin').token}`;
  const balancer = await MemoryBalancer.open(emptyConfig());
  const api = await Api.create(balancer, { log, version: '0', tokens, limits: { tokenPerSecond: 1e9 } });
  for (const wanted of operations) {
    const { method, url, body } = requestOf(wanted);
    const payload = body === undefined ? {} : { payload: body };
    const { statusCode, payload: text } = await api.app.inject({
      ...{ method: method as 'POST', url, ...payload },
      headers: { authorization, 'if-match': '*', ...(body && { 'content-type': 'application/json' }) },
    });
    if (statusCode >= 300) throw new Error(`${method} ${url}: ${text}`);
  }
  await api.close();
  return balancer;
}

it('requests, command lines and documents lead to the same state, and the history to the same tables', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 30 }), async (random) => {
      let byLines = emptyConfig();
      let byDocument = emptyConfig();
      const done: Operation[] = [];
      for (const wanted of random) {
        if (!fits(byLines, wanted)) continue;
        done.push(wanted);
        byLines = applyCommands(byLines, parseCommands(commandOf(wanted))).config;
        byDocument = parseYamlConfig(formatYamlConfig(parseConfig(edited(byDocument, wanted)).config)).config;
        expect(byDocument).toEqual(byLines);
      }
      const balancer = await byRequests(done);
      expect(balancer.revisions.current.config).toEqual(byLines);

      const compiler = new ImageCompiler();
      let last: unknown = [];
      for (const { number } of balancer.revisions.history({ limit: 100 }).toReversed()) {
        last = tablesOf(compiler, (await balancer.revisions.revision(number)).config, number);
      }
      expect(last).toEqual(tablesOf(new ImageCompiler(), byLines, 1));
    }),
    { numRuns: 60 },
  );
}, 60_000);
