import { type Address, parsePrefix, prefixContains } from '@lb/core';
import { fold, frameViews, pseudoHeaderSum4, pseudoHeaderSum6, sumBytes } from '@lb/encap';
import { describe, expect, it } from 'vitest';
import { TrafficGenerator, type TrafficTarget } from './traffic-generator.js';

const AT = 46;
const targets: TrafficTarget[] = [
  { prefix: parsePrefix('90.0.0.0/8'), protocol: 17, port: 0 },
  { prefix: parsePrefix('192.0.2.7/32'), protocol: 6, port: 443 },
  { prefix: parsePrefix('2001:db8:77::/48'), protocol: 17, port: 53 },
  { prefix: parsePrefix('::/0'), protocol: 6, port: 0 },
];

function generate(options: { targets: TrafficTarget[]; flows: number; packetSize?: number; seed?: number }, n: number) {
  const generator = new TrafficGenerator(options);
  const frames = frameViews(new ArrayBuffer(4096));
  return Array.from({ length: n }, () => {
    const length = generator.write(frames, AT);
    return { frames, frame: frames.u8.slice(AT, AT + length) };
  });
}

describe('traffic generator', () => {
  it.each(targets)('writes packets to $prefix.address with right lengths and checksums', (target) => {
    for (const packetSize of [64, 128, 1518]) {
      const [generator] = [new TrafficGenerator({ targets: [target], flows: 1000, packetSize })];
      const frames = frameViews(new ArrayBuffer(4096));
      const six = target.prefix.address.family === 6;
      const ip = AT + 14;
      const l4 = ip + (six ? 40 : 20);
      for (let k = 0; k < 200; k++) {
        const length = generator.write(frames, AT);
        const least = 14 + (six ? 40 : 20) + (target.protocol === 6 ? 20 : 8);
        expect(length).toBe(Math.max(packetSize - 4, least));
        const { u8, u32 } = frames;
        const l4Bytes = AT + length - l4;
        if (six) expect((u8[ip + 4] << 8) | u8[ip + 5]).toBe(l4Bytes);
        else {
          expect((u8[ip + 2] << 8) | u8[ip + 3]).toBe(length - 14);
          expect(fold(sumBytes(u8, ip, 20))).toBe(0xffff);
        }
        const pseudo = six
          ? pseudoHeaderSum6(u32, ip, target.protocol, l4Bytes)
          : pseudoHeaderSum4(u32, ip, target.protocol, l4Bytes);
        expect(sumBytes(u8, l4, l4Bytes, pseudo)).toBe(0xffff);
        const size = six ? 16 : 4;
        const from = ip + (six ? 24 : 16);
        const destination: Address = { family: six ? 6 : 4, bytes: u8.slice(from, from + size) };
        expect(prefixContains(target.prefix, destination)).toBe(true);
        const port = (u8[l4 + 2] << 8) | u8[l4 + 3];
        if (target.port === 0) expect(port).toBeGreaterThan(0);
        else expect(port).toBe(target.port);
      }
    }
  });

  it('makes as many distinct flows as asked for, then begins again', () => {
    const flows = 40_000;
    const packets = generate({ targets: [targets[0], targets[2]], flows }, flows + 5);
    const tuple = ({ frame }: { frame: Uint8Array }) => Buffer.from(frame.subarray(26, 58)).toString('hex');
    const seen = new Set(packets.slice(0, flows).map(tuple));
    expect(seen.size).toBe(flows);
    for (let k = 0; k < 5; k++) expect(packets[flows + k].frame).toEqual(packets[k].frame);
  });

  it('repeats itself with the same seed only', () => {
    const run = (seed: number) => generate({ targets, flows: 100, seed }, 100).map(({ frame }) => Buffer.from(frame));
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  it('refuses no targets and no flows', () => {
    expect(() => new TrafficGenerator({ targets: [], flows: 1 })).toThrow('no target');
    for (const flows of [0, -1, 1.5, 2 ** 31]) expect(() => new TrafficGenerator({ targets, flows })).toThrow('flows');
  });
});
