import { describe, expect, it } from 'vitest';
import { formatFlow, parseFlow } from './flow.js';

describe('reads', () => {
  it.each([
    ['198.51.100.1:1234 > 90.1.2.1:80/tcp'],
    ['[2001:db8::1]:1234 > [2004::1]:80/udp'],
    ['198.51.100.1:0 > 90.1.2.1:65535/udp'],
    ['198.51.100.1 > 90.1.2.1/icmp'],
    ['2001:db8::1 > 2004::1/icmp'],
  ])('%s', (text) => {
    expect(formatFlow(parseFlow(text))).toBe(text);
  });

  it.each([
    ['  198.51.100.1:1234>90.1.2.1:80/TCP ', '198.51.100.1:1234 > 90.1.2.1:80/tcp'],
    ['[2001:DB8:0::1]:1 > [2004::1]:80 / udp', '[2001:db8::1]:1 > [2004::1]:80/udp'],
    ['[2001:db8::1] > [2004::1]/icmp6', '2001:db8::1 > 2004::1/icmp'],
  ])('%s', (text, canonical) => {
    expect(formatFlow(parseFlow(text))).toBe(canonical);
  });
});

describe('refuses', () => {
  it.each([
    ['1.2.3.4:5', "needs one '>'"],
    ['1.2.3.4:5 > 6.7.8.9:10 > 1.1.1.1:1/tcp', "needs one '>'"],
    ['1.2.3.4:5 > 6.7.8.9:10', 'ends without its protocol'],
    ['1.2.3.4:5 > 6.7.8.9:10/tpc', "must be tcp, udp or icmp, got 'tpc'"],
    ['1.2.3.4 > 6.7.8.9:10/tcp', "the source '1.2.3.4' has no port"],
    ['2001:db8::1:1234 > [2004::1]:80/udp', "the source '2001:db8::1:1234' has no port"],
    ['1.2.3.4:5 > 6.7.8.9:65536/tcp', "destination must be a whole number from 0 to 65535, got '65536'"],
    ['1.2.3.4:-5 > 6.7.8.9:1/tcp', "source must be a whole number from 0 to 65535, got '-5'"],
    ['1.2.3.4:5 > 6.7.8:1/tcp', "the destination: '6.7.8' is not an address"],
    ['1.2.3.4:5 > [::1]:1/tcp', 'different address families'],
    ['1.2.3.4:5 > 6.7.8.9/icmp', "the source '1.2.3.4:5' has a port"],
    ['[::1%eth0]:1 > [::2]:1/tcp', 'is not an address'],
  ])('%s', (text, message) => {
    expect(() => parseFlow(text)).toThrow(
      expect.objectContaining({ code: 'LB_CLI_FLOW', message: expect.stringContaining(message) }),
    );
  });
});
