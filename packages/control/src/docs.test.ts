import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { applyCommands } from './apply.js';
import { CONFIG_ERRORS, CONFIG_WARNINGS } from './errors.js';
import { acceptsText, FIELDS, type FieldName } from './fields.js';
import { parseCommands } from './grammar/parse.js';
import { AS_WORDS, CONF_WORDS, VIP_WORDS } from './grammar/words.js';
import { asSchema, configSchema, emptyConfig, natInterfacesSchema, vipSchema } from './schema.js';
import { parseYamlConfig } from './yaml.js';

const PAGE = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

/** The text from a heading to the next of the same depth. */
function section(heading: string): string {
  const from = PAGE.indexOf(`\n## ${heading}\n`);
  expect(from, `docs/configuration.md has a section "${heading}"`).toBeGreaterThan(0);
  const to = PAGE.indexOf('\n## ', from + 4);
  return PAGE.slice(from, to < 0 ? undefined : to);
}

/** Rows of the tables in a text, as cells without their code marks. */
function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  );
}

/** Contents of the fenced blocks of a language. */
function fences(text: string, language: string): string[] {
  return Array.from(text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm')), (match) => match[1]!);
}

describe('docs/configuration.md', () => {
  test.each([
    ['Errors', CONFIG_ERRORS],
    ['Warnings', CONFIG_WARNINGS],
  ])('%s: the same codes in the same words', (heading, table) => {
    const documented = rows(section(heading)).map(([code, meaning]) => [code, meaning]);
    expect(documented).toEqual(Object.entries(table));
  });

  test('model: every key, with its default and what it accepts', () => {
    const documented = new Map(rows(section('Model')).map(([key, fallback, accepts]) => [key!, { fallback, accepts }]));
    const keys = [
      ...Object.keys(configSchema.shape),
      ...Object.keys(natInterfacesSchema.shape).map((key) => `natInterfaces.${key}`),
      ...Object.keys(vipSchema.shape).map((key) => `vips[].${key}`),
      ...Object.keys(asSchema.shape).map((key) => `vips[].ass[].${key}`),
    ];
    const lists = ['natInterfaces', 'vips', 'vips[].ass'];
    expect([...documented.keys()].sort()).toEqual(keys.filter((key) => !lists.includes(key)).sort());

    const defaults = flatten({
      ...emptyConfig(),
      'vips[]': vipSchema.parse({ prefix: '10.0.0.0/8' }),
      'vips[].ass[]': asSchema.parse({ address: '192.0.2.1' }),
    });
    for (const [key, { fallback, accepts }] of documented) {
      const name = key.split('.').at(-1)!;
      const field = FIELDS[(key.startsWith('natInterfaces') ? 'interface' : name) as FieldName];
      const wanted = key.startsWith('natInterfaces') ? 'interface names' : acceptsText(field);
      expect([key, accepts]).toEqual([key, wanted]);
      const byDefault = name === 'prefix' || name === 'address' ? undefined : defaults.get(key);
      expect([key, fallback]).toEqual([key, byDefault === undefined ? '' : String(byDefault) || 'none']);
    }
  });

  test('every YAML example is accepted', () => {
    const examples = fences(PAGE, 'yaml');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(parseYamlConfig(example).warnings).toEqual([]);
  });

  test('every example of command lines is accepted', () => {
    const examples = fences(PAGE, 'lb');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) applyCommands(emptyConfig(), parseCommands(example));
  });

  test('the grammar has every word', () => {
    const [grammar] = fences(section('Command lines'), 'text');
    for (const word of [...CONF_WORDS, ...VIP_WORDS, ...AS_WORDS])
      expect(grammar).toMatch(new RegExp(`[\\s[]${word}[\\s\\]]`));
  });
});

test('only files named *-file.ts need Node.js, and the entry point reaches none of them', () => {
  const folders = [new URL('./', import.meta.url), new URL('grammar/', import.meta.url)];
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => ({ name, url: new URL(name, folder) })));
  const sources = files.filter(({ name }) => /(?<!\.test|\.testkit)\.ts$/.test(name));
  expect(sources.length).toBeGreaterThan(20);
  for (const { name, url } of sources.filter((source) => !source.name.endsWith('-file.ts'))) {
    const text = readFileSync(url, 'utf8');
    expect([name, /from 'node:|-file\.js'|\b(Buffer|process)\b\./.exec(text)?.[0]]).toEqual([name, undefined]);
  }
});

function flatten(value: object): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      for (const [below, leaf] of flatten(inner)) flat.set(`${key}.${below}`, leaf);
    } else flat.set(key, inner);
  }
  return flat;
}
