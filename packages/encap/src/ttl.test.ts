import fc from 'fast-check';
import { describe, it } from 'vitest';
import { randomPacket } from './arbitrary.testkit.js';
import { expectOnly, frameOf } from './frame.testkit.js';
import { fillChecksums } from './oracle.testkit.js';
import { decrementHopLimit6, decrementTtl4 } from './ttl.js';

describe('decrementTtl4', () => {
  it('leaves what full computation gives, for every TTL', () => {
    fc.assert(
      fc.property(randomPacket(4), fc.integer({ min: 1, max: 255 }), ({ bytes, l4, protocol }, ttl) => {
        bytes[8] = ttl;
        fillChecksums(bytes, l4, protocol);
        const frame = frameOf(bytes);
        decrementTtl4(frame.u16, frame.ip);
        bytes[8] = ttl - 1;
        fillChecksums(bytes, l4, protocol);
        expectOnly(frame, frame.ip, bytes);
      }),
    );
  });
});

describe('decrementHopLimit6', () => {
  it('changes the hop limit alone', () => {
    fc.assert(
      fc.property(randomPacket(6), fc.integer({ min: 1, max: 255 }), ({ bytes }, hopLimit) => {
        bytes[7] = hopLimit;
        const frame = frameOf(bytes);
        decrementHopLimit6(frame.u8, frame.ip);
        bytes[7] = hopLimit - 1;
        expectOnly(frame, frame.ip, bytes);
      }),
    );
  });
});
