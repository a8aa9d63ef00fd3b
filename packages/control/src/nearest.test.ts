import { expect, test } from 'vitest';
import { nearest } from './nearest.js';

const WORDS = ['protocol', 'port', 'target_port', 'encap', 'del', 'nat4', 'nat6'];

test.each([
  ['protcol', 'protocol'],
  ['protocool', 'protocol'],
  ['rpotocol', 'protocol'],
  ['PORT', 'port'],
  ['targetPort', 'target_port'],
  ['target-prot', 'target_port'],
  ['ecnap', 'encap'],
  ['nat5', 'nat4'],
  ['de', 'del'],
  ['xyz', undefined],
  ['', undefined],
  ['192.0.2.1', undefined],
  ['p'.repeat(100_000), undefined],
])('%s → %s', (word, expected) => {
  expect(nearest(word, WORDS)).toBe(expected);
});
