import { parseConfig } from '@lb/control';
import { describe, expect, it } from 'vitest';
import { addressesOf } from './vip-colors.js';

const configOf = (addresses: readonly string[]) =>
  parseConfig({
    vips: [{ prefix: '90.0.0.0/8', encap: 'gre4', ass: addresses.map((address) => ({ address, state: 'disabled' })) }],
  }).config;

describe('the ASs that share the colours of a VIP', () => {
  it('are those of now and those that are staged, whatever their state', () => {
    const both = [configOf(['10.0.0.1', '10.0.0.2']), configOf(['10.0.0.2', '10.0.0.3'])];
    expect(addressesOf('90.0.0.0/8', both)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  });

  it('are none of a VIP that is nowhere', () => {
    expect(addressesOf('91.0.0.0/8', [configOf(['10.0.0.1']), null])).toEqual([]);
  });
});
