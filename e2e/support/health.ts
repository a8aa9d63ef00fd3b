import type { Daemon } from './daemon.js';
import { until } from './until.js';

/** What `GET /v1/health` says of an AS, as far as the tests look at it. */
export interface CheckedAs {
  readonly address: string;
  readonly health: 'healthy' | 'failing' | 'unknown';
  readonly since: string;
}

/** Waits until health checks have found ASs to be so; says since when they are. */
export async function healthBecomes(
  daemon: Daemon,
  wanted: Readonly<Record<string, CheckedAs['health']>>,
): Promise<readonly CheckedAs[]> {
  return until(`health is ${JSON.stringify(wanted)}`, async () => {
    const { checks } = await daemon.ask<{ checks: readonly CheckedAs[] }>('GET', '/v1/health');
    const now = Object.fromEntries(checks.map(({ address, health }) => [address, health]));
    for (const [address, health] of Object.entries(wanted)) {
      if (now[address] !== health) throw new Error(`${address} is ${now[address]}`);
    }
    return checks;
  });
}
