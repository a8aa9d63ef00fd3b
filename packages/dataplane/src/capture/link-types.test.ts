import { describe, expect, it } from 'vitest';
import { linkTypeError, linkTypeName } from './link-types.js';

describe('link types', () => {
  it('have names', () => {
    expect(linkTypeName(1)).toBe('Ethernet (1)');
    expect(linkTypeName(101)).toBe('raw IP (101)');
    expect(linkTypeName(113)).toBe('Linux cooked capture v1 (113)');
    expect(linkTypeName(276)).toBe('Linux cooked capture v2 (276)');
    expect(linkTypeName(54_321)).toBe('unknown (54321)');
  });

  it('other than Ethernet are refused with what to do instead', () => {
    expect(linkTypeError('in.pcap: record 3', 276)).toMatchObject({
      code: 'LB_CAP_LINK_TYPE',
      message: 'in.pcap: record 3: link type is Linux cooked capture v2 (276); only Ethernet (1) is accepted',
      hint: expect.stringContaining('-i any'),
    });
    expect(linkTypeError('in.pcap: record 1', 101).hint).toContain('Tunnel');
    expect(linkTypeError('in.pcap: record 1', 9).hint).toContain('Ethernet');
  });
});
