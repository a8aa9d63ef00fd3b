import { describe, expect, it } from 'vitest';
import { configOf, oneVip } from '../stores/stores.testkit.js';
import { asValues, checkAsForm, NEW_ASS } from './as-form.js';

const VIP = { prefix: '90.0.0.0/8' };

describe('new ASs', () => {
  const check = (values: Record<string, string>) => checkAsForm(oneVip(), VIP, { ...NEW_ASS, ...values }, null);

  it('are one line', () => {
    expect(check({ addresses: '10.0.0.8\n10.0.0.9', weight: '50' }).line).toBe(
      'lb as 90.0.0.0/8 10.0.0.8 10.0.0.9 weight 50 enable',
    );
  });

  it.each([
    ['addresses', { addresses: '' }],
    ['addresses', { addresses: '10.0.0.256' }],
    ['addresses', { addresses: '2001:db8::1' }],
    ['addresses', { addresses: '10.0.0.8 10.0.0.8' }],
    ['addresses', { addresses: 'del' }],
    ['addresses', { addresses: '10.0.0.1 del flush' }],
    ['weight', { addresses: '10.0.0.8', weight: '101' }],
    ['weight', { addresses: '10.0.0.8', weight: '50 del' }],
    ['over', { addresses: '10.0.0.8', over: '0' }],
    ['over', { addresses: '10.0.0.8', weight: '', over: '60' }],
    ['deadline', { addresses: '10.0.0.8', state: 'draining', deadline: '-1' }],
  ])('are refused at %s for %o', (field, values) => {
    const { line, errors } = check(values);
    expect(line).toBeUndefined();
    expect([...errors!.keys()]).toEqual([field]);
  });
});

describe('ASs that are edited', () => {
  const config = configOf({
    vips: [
      {
        ...VIP,
        ass: [
          { address: '10.0.0.1', weight: 30 },
          { address: '10.0.0.2', weight: 60 },
        ],
      },
    ],
  });
  const before = asValues(config.vips[0]!.ass);

  it('show what they have in common', () => {
    expect(before).toMatchObject({ weight: '', state: 'enabled' });
  });

  it('are changed in what was changed only', () => {
    const line = (values: Record<string, string>) => checkAsForm(config, VIP, { ...before, ...values }, before).line;
    expect(line({ weight: '10', over: '60' })).toBe('lb as 90.0.0.0/8 10.0.0.1 10.0.0.2 weight 10 over 60');
    expect(line({ state: 'draining', deadline: '30' })).toBe('lb as 90.0.0.0/8 10.0.0.1 10.0.0.2 drain deadline 30');
  });
});
