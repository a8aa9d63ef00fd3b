import { parseAddress } from '@lb/core';
import { describe, expect, it } from 'vitest';
import { probeTargets } from './probe-targets.js';
import { projectNetwork } from './project-network.js';
import { recordedSnapshot } from './recordings.testkit.js';

const snapshot = recordedSnapshot('all-up');

function targetsOf(bound: readonly string[], ...addresses: string[]): string[] {
  const projected = projectNetwork(
    snapshot,
    bound.map((name, queue) => ({ name, queue })),
  );
  const targets = probeTargets(snapshot, projected, new Map(addresses.map((text) => [text, parseAddress(text)])));
  return targets.map(({ device, address, state }) => `${device} ${address} ${state}`).sort();
}

const EAST_GATEWAYS = ['east 10.1.0.2 REACHABLE', 'east 10.1.0.3 REACHABLE', 'east fd01::2 REACHABLE'];
const WEST_GATEWAYS = ['west 10.2.0.2 NONE', 'west 172.16.0.1 NONE', 'west fd02::2 NONE', 'west fe80::2 REACHABLE'];

describe('probeTargets', () => {
  it('has all gateways on bound interfaces, also those not chosen of multipath routes', () => {
    expect(targetsOf(['east'])).toEqual(EAST_GATEWAYS);
    expect(targetsOf(['east', 'west'])).toEqual([...EAST_GATEWAYS, ...WEST_GATEWAYS]);
    expect(targetsOf([])).toEqual([]);
  });

  it('has servers on the link themselves, each once', () => {
    expect(targetsOf(['east'], '10.1.0.77', '10.1.0.52', '10.1.0.77', 'fd01::77')).toEqual(
      [...EAST_GATEWAYS, 'east 10.1.0.77 NONE', 'east 10.1.0.52 STALE', 'east fd01::77 NONE'].sort(),
    );
  });

  it('has nothing for servers behind gateways, on unbound links, refused, or the host itself', () => {
    expect(targetsOf(['east'], '10.20.0.1', '10.3.0.7', '10.22.0.1', '10.1.0.1', 'fd20::1')).toEqual(EAST_GATEWAYS);
  });
});
