import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isPunt, REASONS, reasonCode } from './verdicts.js';

describe('reasons', () => {
  it('have the codes the pipeline uses', () => {
    // A const enum has no object to look into: its source has to do.
    const source = readFileSync(new URL('./verdicts.ts', import.meta.url), 'utf8');
    const body = source.split('const enum Reason {')[1].split('}')[0];
    const codes = [...body.matchAll(/^ {2}([A-Z0-9_]+) = (\d+),$/gm)].map(([, name, code]) => [name, Number(code)]);
    expect(codes).toEqual(REASONS.map(([name], code) => [name.toUpperCase().replaceAll('-', '_'), code]));
  });

  it('are all in docs/dataplane.md, and nothing else is', () => {
    const page = readFileSync(new URL('../../../docs/dataplane.md', import.meta.url), 'utf8');
    const section = (title: string) => page.split(`### ${title}\n`)[1].split('\n#')[0];
    const names = (title: string) => [...section(title).matchAll(/^\| `([a-z0-9-]+)` *\|/gm)].map((match) => match[1]);
    const known = REASONS.map(([name]) => name).slice(1);
    expect(names('Punt reasons')).toEqual(known.filter((name) => isPunt(reasonCode(name))));
    expect(names('Drop reasons')).toEqual(known.filter((name) => !isPunt(reasonCode(name))));
  });
});
