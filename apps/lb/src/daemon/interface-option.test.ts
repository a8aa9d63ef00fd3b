import { expect, it } from 'vitest';
import { parseCpuList, parseInterfaceOption } from './interface-option.js';

it('reads NAME and NAME=KIND', () => {
  expect(parseInterfaceOption('eth0')).toEqual({ name: 'eth0' });
  expect(parseInterfaceOption('eth0=af_xdp')).toEqual({ name: 'eth0', kind: 'af_xdp' });
  expect(parseInterfaceOption('enp1s0f0np0.7=af_packet')).toEqual({ name: 'enp1s0f0np0.7', kind: 'af_packet' });
  expect(parseInterfaceOption('lb0=tap')).toEqual({ name: 'lb0', kind: 'tap' });
});

it('says what would be accepted', () => {
  expect(() => parseInterfaceOption('eth0=af_xpd')).toThrow(
    "the kind of --interface must be af_xdp, af_packet or tap, got 'af_xpd'",
  );
  expect(() => parseInterfaceOption('=af_xdp')).toThrow("--interface must be NAME or NAME=KIND, got '=af_xdp'");
  expect(() => parseInterfaceOption('a b')).toThrow('NAME');
});

it('reads a list of CPUs', () => {
  expect(parseCpuList('3')).toEqual([3]);
  expect(parseCpuList('2,4-7')).toEqual([2, 4, 5, 6, 7]);
  for (const wrong of ['', '1,', '3-1', 'x', '-1', '9999999']) {
    expect(() => parseCpuList(wrong)).toThrow(`--cpu must be a list of CPUs such as 2,4-7, got '${wrong}'`);
  }
});
