import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LIVE_WARNINGS } from './errors.js';

it('docs/operations.md lists the warnings in the same words', () => {
  const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(LB_LIVE_[A-Z_]+)` *\| (.*?) *\|$/gm)].map(([, code, text]) => [code, text]);
  expect(rows).toEqual(Object.entries(LIVE_WARNINGS));
});
