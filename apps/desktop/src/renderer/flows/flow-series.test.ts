import type { CountersSample } from '@lb/control/client';
import { describe, expect, it } from 'vitest';
import type { TimedSample } from '../stores/index.js';
import { flowsOfAss, flowsOfVips, mostFlows } from './flow-series.js';

/** A sample with the flows of ASs by VIP. */
const at = (receivedAt: number, vips: Record<string, Record<string, number>>): TimedSample => ({
  receivedAt,
  sample: {
    vips: Object.entries(vips).map(([id, ass]) => ({
      id,
      ass: Object.entries(ass).map(([address, flows]) => ({ address, flows })),
    })),
  } as unknown as CountersSample,
});
const samples = [
  at(1000, { a: { '10.0.0.1': 5, '10.0.0.2': 7 } }),
  at(2000, { a: { '10.0.0.1': 6 }, b: { '10.0.0.9': 0 } }),
  at(3500, { b: { '10.0.0.9': 4 } }),
];

describe('flows over time', () => {
  it('of VIPs are those of their ASs together; of a VIP that is not there they are not known, which is not 0', () => {
    expect(flowsOfVips(samples, ['a', 'b'])).toEqual({
      x: [1, 2, 3.5],
      values: [
        [12, 6, null],
        [null, 0, 4],
      ],
    });
  });

  it('of the ASs of a VIP', () => {
    expect(flowsOfAss(samples, 'a', ['10.0.0.2', '10.0.0.1'])).toEqual({
      x: [1, 2, 3.5],
      values: [
        [7, null, null],
        [5, 6, null],
      ],
    });
  });

  it('are shown of those that have most, in their own order', () => {
    expect(mostFlows(['x', 'yyy', 'zz', ''], ({ length }) => length, 2)).toEqual(['yyy', 'zz']);
  });
});
