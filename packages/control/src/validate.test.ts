import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toJSONSchema } from 'zod';
import { anyConfig } from './config.testkit.js';
import { ConfigError } from './errors.js';
import { acceptsText } from './field.js';
import { FIELDS } from './fields.js';
import { configSchema, emptyConfig } from './schema.js';
import { checkDocument, parseConfig } from './validate.js';
import { formatYamlConfig, parseYamlConfig } from './yaml.js';

test('defaults', () => {
  expect(parseConfig({ vips: [{ prefix: '10.0.0.0/8', ass: [{ address: '192.0.2.1' }] }] }).config).toEqual({
    buckets: 1024,
    timeout: 40,
    flowHash: 'fast',
    table: 'maglev',
    interfaces: [],
    listeners: [],
    natInterfaces: { nat4: [], nat6: [] },
    vips: [
      {
        prefix: '10.0.0.0/8',
        encap: 'gre4',
        type: 'clusterip',
        newLen: 1024,
        srcIpSticky: false,
        panic: 25,
        lastAs: 'drop',
        ass: [{ address: '192.0.2.1', weight: 100, state: 'enabled' }],
      },
    ],
  });
});

test('texts are kept in canonical form', () => {
  const { config } = parseConfig({
    ip6SrcAddress: '2001:0DB8:0:0::00fe',
    vips: [
      { prefix: '10.1.2.3/8' },
      { prefix: '192.0.2.7' },
      { prefix: '2001:DB8::1/32', encap: 'gre6', ass: [{ address: '2001:db8:0:0:0:0:0:0001' }] },
    ],
  });
  expect(config.ip6SrcAddress).toBe('2001:db8::fe');
  expect(config.vips.map((vip) => vip.prefix)).toEqual(['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32']);
  expect(config.vips[2]!.ass[0]!.address).toBe('2001:db8::1');
});

test('all problems are reported, each with its path', () => {
  const { errors } = checkDocument({ timeout: 0, vips: [{ prefix: 'x', ass: [{ address: 5, wieght: 1 }] }] });
  expect(errors.map(({ code, path }) => [code, path.join('.')])).toEqual([
    ['LB_CFG_TIMEOUT', 'timeout'],
    ['LB_CFG_PREFIX', 'vips.0.prefix'],
    ['LB_CFG_AS_ADDRESS', 'vips.0.ass.0.address'],
    ['LB_CFG_UNKNOWN_KEY', 'vips.0.ass.0.wieght'],
  ]);
});

test('of very many problems a hundred or so are reported, in little time', () => {
  const many = 50_000;
  const names = Array.from({ length: many }, () => 'eth0');
  const documents = [
    { interfaces: names.map((name) => ({ name })) },
    { natInterfaces: { nat4: names } },
    { vips: names },
    { vips: [{ prefix: '10.0.0.1', ass: names.map(() => ({ address: '192.0.2.1' })) }] },
    Object.fromEntries(names.map((name, i) => [`${name}${i}`, 1])),
  ];
  for (const document of documents) {
    const { errors } = checkDocument(document);
    expect(errors.length).toBeGreaterThan(50);
    expect(errors.length).toBeLessThanOrEqual(200);
  }
});

test('the schema can be turned into JSON Schema, for descriptions of an API', () => {
  const described = toJSONSchema(configSchema, { io: 'input' });
  expect(described).toMatchObject({ type: 'object', additionalProperties: false });
  expect(Object.keys(described.properties!)).toEqual(Object.keys(configSchema.shape));
});

test('JSON Schema has for every field what it is about, what it accepts, and its unit', () => {
  for (const io of ['input', 'output'] as const) {
    const described = toJSONSchema(configSchema, { io }) as JsonSchema;
    const leaves = leavesOf(described);
    expect(leaves.length).toBeGreaterThan(45);
    for (const [path, leaf] of leaves) {
      expect([path, typeof leaf.description, typeof leaf['x-accepts']]).toEqual([path, 'string', 'string']);
    }
    const byPath = Object.fromEntries(leaves);
    expect(byPath['vips[].check.interval']).toMatchObject({
      ...{ type: 'number', minimum: 0.1, maximum: 3600, default: 2 },
      ...{ 'x-unit': 's', 'x-accepts': 'a number from 0.1 to 3600' },
    });
    expect(byPath['vips[].newLen']).toMatchObject({ type: 'integer', 'x-accepts': acceptsText(FIELDS.newLen) });
    expect(byPath['vips[].lastAs']).toMatchObject({ enum: ['drop', 'keep'], default: 'drop' });
  }
});

interface JsonSchema {
  readonly description?: string;
  readonly 'x-accepts'?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

/** Schemas of single values with their paths. */
function leavesOf(schema: JsonSchema, path = ''): [string, JsonSchema][] {
  if (schema.items !== undefined) return leavesOf(schema.items, `${path}[]`);
  if (schema.properties === undefined) return [[path, schema]];
  const properties = Object.entries(schema.properties);
  return properties.flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

describe('whatever comes in', () => {
  test('any JSON is a configuration or has errors', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { config, errors } = checkDocument(value);
        expect(config === undefined).toBe(errors.length > 0);
      }),
      { numRuns: 100 },
    );
  });

  test('a configuration with any one value replaced is a configuration or has errors', () => {
    fc.assert(
      fc.property(anyConfig, fc.nat(), fc.jsonValue({ maxDepth: 1 }), (config, at, value) => {
        const { errors, config: accepted } = checkDocument(replaceLeaf(config, at, value));
        expect(accepted === undefined).toBe(errors.length > 0);
      }),
      { numRuns: 100 },
    );
  });

  test('any text is a configuration or a ConfigError at a line and column of it', () => {
    const mangled = fc
      .tuple(anyConfig, fc.nat(), fc.nat(12), fc.string({ maxLength: 8 }))
      .map(([config, at, cut, text]) => {
        const yaml = formatYamlConfig(config);
        const from = at % yaml.length;
        return yaml.slice(0, from) + text + yaml.slice(from + cut);
      });
    fc.assert(
      fc.property(fc.oneof(mangled, fc.string({ maxLength: 40 })), (text) => {
        try {
          parseYamlConfig(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          for (const { line, column } of (error as ConfigError).problems) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(line).toBeLessThanOrEqual(text.split('\n').length);
            expect(column).toBeGreaterThanOrEqual(1);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

test('aliases are places like any other, and cannot multiply a small text into a large document', () => {
  const shared = 'vips:\n  - {prefix: 10.0.0.1, ass: &servers [{address: 192.0.2.1}, {address: 2001:db8::1}]}\n';
  expect(() => parseYamlConfig(`${shared}  - {prefix: 10.0.0.2, ass: *servers}\n`)).toThrow(
    /^2:71: vips\[0\]\.ass\[1\]/,
  );
  const bomb = [
    'a: &a [x]',
    ...[...'bcdefgh'].map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]}, `.repeat(9)}]`),
  ];
  expect(() => parseYamlConfig(bomb.join('\n'))).toThrow(/LB_CFG_YAML|alias/);
});

test('the empty configuration is written and read as {}', () => {
  expect(formatYamlConfig(emptyConfig())).toBe('{}\n');
  expect(parseYamlConfig('{}').config).toEqual(emptyConfig());
});

/** A copy in which the leaf number `at` (counted round) is another value. */
function replaceLeaf(root: unknown, at: number, value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(root)) as Record<string, unknown>;
  const places: [Record<string, unknown>, string][] = [];
  const visit = (node: Record<string, unknown>): void => {
    for (const [key, inner] of Object.entries(node)) {
      places.push([node, key]);
      if (typeof inner === 'object' && inner !== null) visit(inner as Record<string, unknown>);
    }
  };
  visit(copy);
  const [parent, key] = places[at % places.length]!;
  parent[key] = value;
  return copy;
}
