import { expect, it } from 'vitest';
import { retryText } from './retry-text.js';

it('says when the next try is, and that it is under way', () => {
  expect(retryText(10_000, 7_600)).toBe('next try in 3 s');
  expect(retryText(10_000, 9_999)).toBe('next try in 1 s');
  expect(retryText(10_000, 10_000)).toBe('trying now');
});
