import { describe, expect, it } from 'vitest';
import { readNeighbours } from './read-neighbours.js';
import { recording } from './recordings.testkit.js';

describe('readNeighbours', () => {
  const neighbours = readNeighbours(recording('all-up/neigh.out'));
  const of = (address: string) => neighbours.find((entry) => entry.address === address);

  it('reads neighbours of both families in all states', () => {
    expect(of('10.1.0.2')).toEqual({
      address: '10.1.0.2',
      device: 'east',
      mac: '02:00:00:00:01:01',
      state: 'REACHABLE',
    });
    expect(of('fe80::2')).toMatchObject({ device: 'west', mac: '02:00:00:00:01:02', state: 'REACHABLE' });
    expect(of('10.1.0.50')?.state).toBe('PERMANENT');
    expect(of('10.1.0.51')?.state).toBe('NOARP');
    expect(of('10.1.0.52')?.state).toBe('STALE');
    expect(of('fd02::54')?.state).toBe('PROBE');
  });

  it('reads those without an Ethernet address', () => {
    expect(of('10.2.0.98')).toEqual({ address: '10.2.0.98', device: 'west', state: 'INCOMPLETE' });
    expect(of('10.2.0.99')).toEqual({ address: '10.2.0.99', device: 'west', state: 'FAILED' });
  });

  it('tells them in an order of its own', () => {
    const keys = neighbours.map(({ device, address }) => `${device} ${address}`);
    expect(keys).toEqual([...keys].sort());
    expect(new Set(keys).size).toBe(17);
  });
});
