import type { Claimant } from '@lb/dataplane';
import { expect, it } from 'vitest';
import type { LiveWarning } from './errors.js';
import { claimLink } from './other-daemons.js';

const link = {
  index: 7,
  name: 'eth0',
  altNames: [],
  enabled: true,
  up: true,
  loopback: false,
  mtu: 1500,
  addresses: [],
};

function claimed(result: Claimant | Error): { warnings: LiveWarning[]; claim: unknown } {
  const warnings: LiveWarning[] = [];
  const claim = claimLink(
    link,
    (warning) => warnings.push(warning),
    (index) => {
      expect(index).toBe(7);
      if (result instanceof Error) throw result;
      return result;
    },
  );
  return { warnings, claim };
}

it.each([
  [12, 'process 12'],
  [undefined, 'a process in another process namespace'],
])('refuses an interface that process %s serves', (pid, who) => {
  expect(() => claimed({ pid, uid: 0, isTrusted: true })).toThrow(
    expect.objectContaining({
      code: 'LB_DAEMON_INTERFACE_LIVE',
      message: `another daemon (${who}) serves eth0`,
    }),
  );
});

it.each([
  [{ pid: 12, uid: 1000, isTrusted: false }, 'process 12 of user 1000'],
  [{ pid: undefined, uid: undefined, isTrusted: false }, 'a program that does not answer'],
  [new Error('socket: EAFNOSUPPORT'), 'EAFNOSUPPORT'],
])('serves, and says so, where it cannot be known: %o', (result, why) => {
  const { warnings, claim } = claimed(result);
  expect(claim).toBeUndefined();
  expect(warnings).toEqual([{ code: 'LB_LIVE_WARN_CLAIM', message: expect.stringContaining(why) }]);
});
