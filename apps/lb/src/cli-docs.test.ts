import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { COMMAND_NAMES } from './command-list.js';

it('docs/cli.md lists the commands there are, in the order of the help', () => {
  const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
  const [table] = page.split('\n## ');
  const rows = [...table!.matchAll(/^\| ((?:`[a-z]+` ?)+) *\|/gm)].flatMap(([, cell]) => cell!.match(/[a-z]+/g)!);
  expect(rows).toEqual(COMMAND_NAMES);
});
