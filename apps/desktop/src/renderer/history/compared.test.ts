import { describe, expect, it } from 'vitest';
import { comparedBy } from './compared.js';

const revisions = [9, 7, 4].map((number) => ({ number, time: '', author: '', note: '', hash: '' }));

describe('what is compared', () => {
  it('one revision: with the one before it that there is', () => {
    expect(comparedBy(new Set(['9']), revisions)).toEqual({ from: 7, to: 9 });
    expect(comparedBy(new Set(['4']), revisions)).toBeNull();
  });

  it('several: the oldest with the newest', () => {
    expect(comparedBy(new Set(['4', '9']), revisions)).toEqual({ from: 4, to: 9 });
    expect(comparedBy(new Set(['4', '9', '7']), revisions)).toEqual({ from: 4, to: 9 });
  });

  it('none: nothing', () => {
    expect(comparedBy(new Set(), revisions)).toBeNull();
    expect(comparedBy(new Set(['5']), revisions)).toBeNull();
  });
});
