import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { applyCommands } from './apply.js';
import { CHECK_FIELDS } from './check-fields.js';
import { CONFIG_ERRORS, CONFIG_WARNINGS } from './errors.js';
import { acceptsText } from './field.js';
import { FIELDS } from './fields.js';
import { parseCommands } from './grammar/parse.js';
import { AS_WORDS, CHECK_WORDS, CONF_WORDS, VIP_WORDS } from './grammar/words.js';
import { USED_BY } from './rules-check.js';
import { configSchema, emptyConfig } from './schema.js';
import { fieldOf } from './schema-fields.js';
import { bare } from './shape.js';
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

  test('model: every key, with its default, what it accepts and what it is about', () => {
    const documented = rows(section('Model'));
    expect(documented).toEqual(keysOf(configSchema, ''));
  });

  test('health checks: every type with its settings', () => {
    const documented = rows(section('Health checks')).map(([type, , settings]) => [
      type,
      settings!.match(/\w+/g) ?? [],
    ]);
    const types = CHECK_FIELDS.type.choices.map((type) => {
      const used = Object.entries(USED_BY).filter(([, by]) => (by as readonly string[]).includes(type));
      return [type, used.map(([key]) => key)];
    });
    expect(documented).toEqual(types);
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
    for (const word of [...CONF_WORDS, ...VIP_WORDS, ...AS_WORDS, 'check', 'no', ...Object.keys(CHECK_WORDS)])
      expect(grammar).toMatch(new RegExp(`[\\s[]${word}[\\s\\]]`));
  });
});

test('only files named *-file.ts need Node.js, and the entry point reaches none of them', () => {
  const folders = ['./', 'grammar/', 'effective/', 'plan/'].map((folder) => new URL(folder, import.meta.url));
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => ({ name, url: new URL(name, folder) })));
  const sources = files.filter(({ name }) => /(?<!\.test|\.testkit)\.ts$/.test(name));
  expect(sources.length).toBeGreaterThan(20);
  for (const { name, url } of sources.filter((source) => !source.name.endsWith('-file.ts'))) {
    const text = readFileSync(url, 'utf8');
    expect([name, /from 'node:|-file\.js'|\b(Buffer|process)\b\./.exec(text)?.[0]]).toEqual([name, undefined]);
  }
});

/** Rows of the table of the model, as they should be. */
function keysOf(schema: z.core.$ZodType, path: string): string[][] {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) {
    const entries = Object.entries<z.core.$ZodType>(inner.shape);
    return entries.flatMap(([key, value]) => keysOf(value, path === '' ? key : `${path}.${key}`));
  }
  if (inner instanceof z.ZodArray) {
    const element = bare(inner.element);
    if (element instanceof z.ZodObject) return keysOf(element, `${path}[]`);
    return [[path, 'none', `${fieldOf(element) === FIELDS.interface ? 'interface names' : ''}`, about(element)]];
  }
  const byDefault = schema instanceof z.ZodDefault ? String(schema.parse(undefined)) : '';
  return [[path, byDefault, acceptsText(fieldOf(inner)!), about(inner)]];
}

function about(schema: z.core.$ZodType): string {
  return String((schema as z.ZodType).meta()?.description).replace(/^`([^`]*)`$/, '$1');
}
