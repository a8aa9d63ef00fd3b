import { ROUTES } from './contract/routes.js';

/** A request as a person of ill will, or a broken program, would send it. */
export interface HostileRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH'];
const WORDS = [
  '',
  '0',
  '1',
  '-1',
  '1e9',
  '99999999999999999999',
  'null',
  'true',
  '__proto__',
  'constructor',
  'prototype',
  '..',
  '%2e%2e%2f',
  '%00',
  '%',
  '%zz',
  '%ff',
  'é',
  '\u{1f4a9}',
  "'; DROP TABLE vips;--",
  '<script>',
  '90.0.0.0/8',
  '90.0.0.0%2F8',
  '91.1.2.1%2F32,tcp,80',
  '91.1.2.1/32,sctp,80',
  '10.0.0.1',
  '10.0.0.3',
  '::ffff:10.0.0.1',
  '999.1.1.1',
  'x'.repeat(300),
  '%2F'.repeat(60),
];
const VALUES: readonly unknown[] = [
  ...WORDS,
  null,
  true,
  0,
  -1,
  0.1,
  64,
  1e308,
  2 ** 53,
  -(2 ** 31),
  [],
  {},
  [[[[[[]]]]]],
  ['show lb'],
  ['show lb vip', 'lb conf timeout 60'],
  ['lb as 90.0.0.0/8 10.0.0.8'],
  [{ address: '10.0.0.6' }, { address: '10.0.0.6' }],
  { address: '10.0.0.7', weight: 10 },
  { vips: [] },
  { type: 'tcp', port: 80 },
  'disabled',
  'draining',
];
const KEYS = [
  ...['timeout', 'vips', 'ass', 'prefix', 'newLen', 'encap', 'check', 'address', 'weight', 'state', 'ramp', 'port'],
  ...['lines', 'config', 'revision', 'name', 'role', 'note', 'ip4SrcAddress', 'listeners', 'interfaces'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', '\u0000', 'x'.repeat(200)],
];
const HEADERS: readonly (readonly [string, string])[] = [
  ['if-match', '*'],
  ['if-match', '"1"'],
  ['if-match', '"99999999999999999999"'],
  ['if-match', 'W/"1", "2"'],
  ['content-type', 'text/plain'],
  ['content-type', 'application/merge-patch+json'],
  ['content-type', 'application/json; charset=x'],
  ['content-type', 'multipart/form-data'],
  ['content-type', ''],
  ['content-length', '5'],
  ['transfer-encoding', 'identity'],
  ['x-lb-author', 'root'],
  ['x-http-method-override', 'DELETE'],
  ['x-forwarded-for', '127.0.0.1'],
  ['host', 'evil.example'],
  ['expect', '100-continue'],
  ['last-event-id', '-1'],
  ['accept', '*/*'],
  ['upgrade', 'websocket'],
  ['connection', 'upgrade'],
];
const BODIES = [
  '',
  '{',
  'null',
  '[]',
  '"x"',
  '1e999',
  '{"a":1,"a":2}',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  '{"__proto__":{"role":"admin"}}',
  '{"constructor":{"prototype":{"role":"admin"}}}',
  '{"timeout":1e400}',
  '\ufeff{}',
  '\u0000',
];

/** Bodies that operations take, by path. */
const GOOD: readonly (readonly [RegExp, Readonly<Record<string, unknown>>])[] = [
  [/vips$/, { prefix: '92.0.0.1', newLen: 64, ass: [{ address: '10.0.0.4' }] }],
  [/vips$/, { prefix: '93.0.0.0/8', encap: 'gre6', newLen: 16, ass: [] }],
  [/ass$/, { address: '10.0.0.5', weight: 7 }],
  [/config$/, { timeout: 50, ip4SrcAddress: null }],
  [/config$/, { vips: [{ prefix: '90.0.0.0/8', newLen: 64, ass: [{ address: '10.0.0.1' }] }] }],
  [/vip$/, { newLen: 32, check: { type: 'tcp', port: 80 } }],
  [/address$/, { state: 'draining', weight: 5 }],
  [/(exec|plan)$/, { lines: ['lb as 90.0.0.0/8 10.0.0.9', 'show lb vip'] }],
  [/plan$/, { config: { vips: [{ prefix: '90.0.0.0/8', newLen: 64 }] } }],
  [/plan$/, { revision: 1 }],
  [/(trace|capture)$/, { vip: '90.0.0.0/8', client: '198.51.100.0/24', count: 2, sample: 3 }],
  [/./, { name: 'mallory', role: 'admin' }],
];

/** Numbers from 0 up to 1 that a seed repeats (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes requests: half of them well formed but for a word or two, the others not even that. */
export class HostileRequests {
  private readonly routes = Object.values(ROUTES);

  constructor(private readonly random: () => number) {}

  next(): HostileRequest {
    const { method, path } = this.pick(this.routes);
    const headers: Record<string, string> = {};
    while (this.chance(0.3)) {
      const [name, value] = this.pick(HEADERS);
      headers[name] = value;
    }
    const body = this.chance(0.7) ? this.body(path) : undefined;
    if (body !== undefined && headers['content-type'] === undefined) headers['content-type'] = 'application/json';
    return { method: this.chance(0.85) ? method : this.pick(METHODS), url: this.url(path), headers, body };
  }

  private url(path: string): string {
    let url = path.replace(/:\w+/g, () => (this.chance(0.6) ? this.likely() : this.pick(WORDS)));
    if (this.chance(0.1)) url = this.cut(url) + this.pick(WORDS) + this.cut(url);
    while (this.chance(0.15)) {
      const key = this.pick([...KEYS, 'limit', 'flow', 'vip', 'as', 'client', 'cursor', 'after', 'before', 'flush']);
      url += `${url.includes('?') ? '&' : '?'}${encodeURIComponent(key)}=${encodeURIComponent(this.pick(WORDS))}`;
    }
    return url.startsWith('/') ? url : `/${url}`;
  }

  private likely(): string {
    return this.pick(['90.0.0.0%2F8', '91.1.2.1%2F32,tcp,80', '10.0.0.1', '10.0.0.3', '1', '2', '0', 'alice']);
  }

  private body(path: string): string {
    if (this.chance(0.15)) return this.pick(BODIES);
    const text = JSON.stringify(this.chance(0.4) ? this.nearlyGood(path) : this.value(0));
    return this.chance(0.1) ? this.cut(text) : text;
  }

  private nearlyGood(path: string): unknown {
    const [, body] = this.pick(GOOD.filter(([fits]) => fits.test(path)));
    return this.chance(0.7) ? body : { ...body, [this.pick([...KEYS, ...Object.keys(body)])]: this.pick(VALUES) };
  }

  private value(depth: number): unknown {
    if (depth > 3 || this.chance(0.2)) return this.pick(VALUES);
    const entries: [string, unknown][] = [];
    do entries.push([this.pick(KEYS), depth > 0 || this.chance(0.6) ? this.pick(VALUES) : this.value(depth + 1)]);
    while (this.chance(0.4));
    return Object.fromEntries(entries);
  }

  private cut(text: string): string {
    return text.slice(0, Math.floor(this.random() * (text.length + 1)));
  }

  private chance(part: number): boolean {
    return this.random() < part;
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }
}
