import { describeVip, type VipRef, vipId } from '@lb/control';
import type { AsSample, CountersSample, LbClient } from '@lb/control/client';
import { cliError } from '../errors.js';
import { abortOnSignals } from '../signals.js';
import type { TextOutput } from '../streams.js';
import { plural } from '../text.js';

const INTERVAL_MS = 500;

/**
 * Returns when draining ASs have no flows left. A connection that is lost meanwhile is made again.
 * @throws LbError LB_CLI_DRAIN when one of them takes flows again or is gone; LB_CLI_INTERRUPTED
 */
export async function waitForDrain(
  client: LbClient,
  vip: VipRef,
  addresses: readonly string[],
  stderr: TextOutput,
): Promise<void> {
  const signals = abortOnSignals();
  try {
    for await (const item of client.stream({ interval: INTERVAL_MS, events: false, signal: signals.signal })) {
      if (item.type === 'lost') stderr.write(`lb drain: the daemon is out of reach: ${item.reason}\n`);
      if (item.type !== 'counters') continue;
      const flows = addresses.reduce((sum, address) => sum + flowsLeft(item.counters, vip, address), 0);
      if (flows === 0) return;
      if (stderr.isTTY) stderr.write(`\r${plural(flows, 'flow')} left\x1b[K`);
    }
  } finally {
    signals.release();
    if (stderr.isTTY) stderr.write('\r\x1b[K');
  }
  throw cliError('LB_CLI_INTERRUPTED', 'the drain goes on, but nobody waits for its end any more');
}

function flowsLeft({ vips }: CountersSample, vip: VipRef, address: string): number {
  const sample = vips.find(({ id }) => id === vipId(vip));
  const as: AsSample | undefined = sample?.ass.find((other) => other.address === address);
  if (as !== undefined && as.state !== 'enabled') return as.flows;
  const what = as === undefined ? 'is gone' : 'takes new flows again';
  throw cliError('LB_CLI_DRAIN', `AS ${address} of VIP ${describeVip(vip)} ${what}`);
}
