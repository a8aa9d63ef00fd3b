import { describe, expect, it } from 'vitest';
import { countAges } from './ages.js';
import { ALL_FLOWS, flowQuery } from './flow-query.js';
import { flowText } from './flow-text.js';
import { pauseAfter } from './use-flow-list.js';

describe('the filter of flows', () => {
  it('of nothing lets everything through', () => {
    expect(flowQuery({ ...ALL_FLOWS, as: ' ' })).toEqual({ ok: true, query: {} });
  });

  it('is sent in canonical form', () => {
    expect(flowQuery({ vip: '90.0.0.0/8', as: '2001:DB8:0::1', client: '198.51.100.7', state: 'opening' })).toEqual({
      ok: true,
      query: { vip: '90.0.0.0/8', as: '2001:db8::1', client: '198.51.100.7/32', state: 'opening' },
    });
    expect(flowQuery({ ...ALL_FLOWS, client: '2001:db8::/32' })).toMatchObject({
      query: { client: '2001:db8::/32' },
    });
  });

  it('says at each field what is wrong', () => {
    expect(flowQuery({ ...ALL_FLOWS, as: '10.0.0', client: '10.0.0.0/40' })).toEqual({
      ok: false,
      errors: {
        as: "'10.0.0' is not an address, as in 10.0.0.1",
        client: "'10.0.0.0/40' is not an address or a prefix, as in 198.51.100.0/24",
      },
    });
  });
});

describe('the text of a flow', () => {
  const flow = { client: '198.51.100.1', clientPort: 1234, destination: '90.1.2.1', destinationPort: 80 };

  it('can be searched for', () => {
    expect(flowText({ ...flow, protocol: 'tcp' })).toBe('198.51.100.1:1234 > 90.1.2.1:80/tcp');
    expect(flowText({ ...flow, client: '2001:db8::1', destination: '2004::1', protocol: 'udp' })).toBe(
      '[2001:db8::1]:1234 > [2004::1]:80/udp',
    );
    expect(flowText({ ...flow, clientPort: null, destinationPort: null, protocol: 'icmp' })).toBe(
      '198.51.100.1 > 90.1.2.1/icmp',
    );
  });

  it('says what is not known', () => {
    const text = flowText({ client: null, clientPort: null, destination: null, destinationPort: null, protocol: null });
    expect(text).toBe('?:? > ?:?/?');
  });
});

describe('ages', () => {
  it('are counted by class, with those that are not known', () => {
    const counts = countAges([0, 0.9, 1, 59.9, 60, 7200, null].map((ageSec) => ({ ageSec })));
    expect(counts.map(({ flows }) => flows)).toEqual([2, 1, 1, 1, 0, 1, 1]);
    expect(countAges([]).map(({ flows }) => flows)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('a list', () => {
  it('is read every two seconds, and a long one for a fifth of the time at most', () => {
    expect([0, 50, 400, 1200].map(pauseAfter)).toEqual([2000, 2000, 2000, 6000]);
  });
});
