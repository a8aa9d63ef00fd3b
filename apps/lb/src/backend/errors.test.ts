import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BACKEND_ERRORS, backendError } from './errors.js';

const guide = readFileSync(new URL('../../../../docs/backend.md', import.meta.url), 'utf8');

it('codes are stable words with a sentence each, and the guide has each of them', () => {
  for (const [code, meaning] of Object.entries(BACKEND_ERRORS)) {
    expect(code).toMatch(/^LB_BACKEND_[A-Z_]+$/);
    expect(meaning).toMatch(/^[A-Z].*[.]$/);
  }
  const described = [...guide.matchAll(/^\| `(LB_BACKEND_[A-Z_]+)` *\| (.*?) *\|$/gm)];
  expect(described.map(([, code, meaning]) => [code, meaning])).toEqual(Object.entries(BACKEND_ERRORS));
  expect(backendError('LB_BACKEND_VIP', 'x', 'y')).toMatchObject({ code: 'LB_BACKEND_VIP', message: 'x', hint: 'y' });
});
