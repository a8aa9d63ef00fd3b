import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isPunt, REASONS, Reason, reasonCode } from './verdicts.js';

describe('reasons', () => {
  it('have the codes the pipeline uses', () => {
    const codes = Reason as unknown as Record<string, number>;
    for (const [name] of REASONS) {
      expect(codes[name.toUpperCase().replaceAll('-', '_')]).toBe(reasonCode(name));
    }
    const named = Object.keys(codes).filter((key) => Number.isNaN(Number(key)));
    expect(named).toHaveLength(REASONS.length);
  });

  it('are all in docs/dataplane.md, and nothing else is', () => {
    const page = readFileSync(new URL('../../../docs/dataplane.md', import.meta.url), 'utf8');
    const section = (title: string) => page.split(`### ${title}\n`)[1].split('\n#')[0];
    const names = (title: string) => [...section(title).matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((match) => match[1]);
    const known = REASONS.map(([name]) => name).slice(1);
    expect(names('Punt reasons')).toEqual(known.filter((name) => isPunt(reasonCode(name))));
    expect(names('Drop reasons')).toEqual(known.filter((name) => !isPunt(reasonCode(name))));
  });
});
