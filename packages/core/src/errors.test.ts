import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CORE_ERRORS, LbError } from './errors.js';

it('carries code, message and, only if given, a hint', () => {
  const error = new LbError('LB_ADDR_INVALID', 'what was wrong', 'what to do');
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'LbError',
    code: 'LB_ADDR_INVALID',
    message: 'what was wrong',
    hint: 'what to do',
  });
  expect('hint' in new LbError('LB_ADDR_INVALID', 'what was wrong')).toBe(false);
});

it('lists the codes that the sources throw, all and no others', () => {
  const folder = new URL('.', import.meta.url);
  const thrown = new Set<string>();
  for (const name of readdirSync(folder)) {
    if (!/^(?!errors\.|.*\.test).*\.ts$/.test(name)) continue;
    const source = readFileSync(new URL(name, folder), 'utf8');
    for (const [, code] of source.matchAll(/LbError\(\s*'(LB_\w+)'/g)) thrown.add(code);
  }
  expect([...thrown].sort()).toEqual(Object.keys(CORE_ERRORS).sort());
});
