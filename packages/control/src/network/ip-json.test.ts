import { describe, expect, it } from 'vitest';
import { parseIpJson } from './ip-json.js';

describe('parseIpJson', () => {
  it('takes no output for an empty table', () => {
    expect(parseIpJson('')).toEqual([]);
    expect(parseIpJson('[]\n')).toEqual([]);
    expect(parseIpJson('[ ]')).toEqual([]);
  });

  // What the `ip` of BusyBox prints, which does not know -j, and a list that was cut short.
  it.each([['1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536'], ['[{"ifname":"lo"'], ['{}'], ['7']])('refuses %j', (text) => {
    expect(() => parseIpJson(text)).toThrow(
      expect.objectContaining({ code: 'LB_NET_IP_OUTPUT', hint: expect.stringContaining('iproute2 5.3') }),
    );
  });
});
