import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PcapngClock } from './pcapng-clock.js';

/** The definition (draft-ietf-opsawg-pcap, if_tsresol), in exact arithmetic. */
function exact(time: bigint, resolution: number): { sec: number; nsec: number } {
  const units = (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
  return { sec: Number(time / units), nsec: Number(((time % units) * 1_000_000_000n) / units) };
}

function read(clock: PcapngClock, time: bigint): { sec: number; nsec: number } {
  const view = new DataView(new ArrayBuffer(12));
  view.setUint32(4, Number(time >> 32n), true);
  view.setUint32(8, Number(time & 0xffffffffn), true);
  clock.read(view, 4, true);
  return { sec: clock.sec, nsec: clock.nsec };
}

describe('PcapngClock', () => {
  it('is exact for every time and every resolution', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (resolution, time) => {
        expect(read(new PcapngClock(resolution), time)).toEqual(exact(time, resolution));
      }),
      { numRuns: 2000 },
    );
  });

  it('is exact at the edges of the resolutions tools write', () => {
    for (const resolution of [0, 3, 6, 9]) {
      for (const time of [0n, 1n, 999_999_999n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
        expect(read(new PcapngClock(resolution), time)).toEqual(exact(time, resolution));
      }
    }
  });

  it('counts microseconds by default and adds the offset to either kind', () => {
    expect(read(new PcapngClock(), 1_500_000n)).toEqual({ sec: 1, nsec: 500_000_000 });
    for (const resolution of [6, 12]) {
      expect(read(new PcapngClock(resolution, -10), 0n)).toEqual({ sec: -10, nsec: 0 });
    }
  });
});
