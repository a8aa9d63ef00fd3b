import { expect, it } from 'vitest';
import { chooseStages } from './stages.js';

const there = () => ({ path: '/opt/lb/liblbqueue.so' });
const missing = () => {
  throw new Error('no such library');
};

it('takes native stages where the library is there, and says which', () => {
  expect(chooseStages('auto', there)).toEqual({ native: true, text: 'stages: native, of /opt/lb/liblbqueue.so' });
  expect(chooseStages('auto', missing)).toEqual({
    native: false,
    text: 'stages: TypeScript, as the native library is not there',
  });
});

it('takes what is asked for, or says that it cannot', () => {
  expect(chooseStages('typescript', there).native).toBe(false);
  expect(chooseStages('native', there).native).toBe(true);
  expect(() => chooseStages('native', missing)).toThrow('no such library');
});
