import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { APP_ERRORS } from './errors.js';

it('docs/errors.md has the same codes in the same words', () => {
  const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const section = page.split('\n## Desktop app\n')[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| `(LB_[A-Z0-9_]+)` *\| (.*?) *\|$/gm)].map(([, code, text]) => [code, text]);
  expect(rows).toEqual(Object.entries(APP_ERRORS));
});
