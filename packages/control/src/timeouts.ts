import type { TimeoutsSpec } from '@lb/dataplane';
import { type Finding, finding } from './finding.js';
import type { Config } from './schema.js';

/** What a TCP flow has by default while its connection opens, or closes. */
export const BRIEF_TIMEOUT_SEC = 10;

/** Seconds of each kind of flow: its own, else those for all. Opening and closing never get more than TCP has. */
export function effectiveTimeouts(config: Omit<Config, 'vips'>): Required<TimeoutsSpec> {
  const {
    timeout,
    tcpTimeout: tcpSec = timeout,
    udpTimeout: udpSec = timeout,
    otherTimeout: otherSec = timeout,
  } = config;
  const brief = Math.min(BRIEF_TIMEOUT_SEC, tcpSec);
  const { tcpOpeningTimeout: tcpOpeningSec = brief, tcpClosingTimeout: tcpClosingSec = brief } = config;
  return { tcpSec, tcpOpeningSec, tcpClosingSec, udpSec, otherSec };
}

/** A connection that opens or closes is not kept for longer than one that is open. */
export function checkTimeouts(config: Config): Finding[] {
  const { tcpSec } = effectiveTimeouts(config);
  return (['tcpOpeningTimeout', 'tcpClosingTimeout'] as const).flatMap((field) => {
    const seconds = config[field];
    if (seconds === undefined || seconds <= tcpSec) return [];
    const says = `is ${seconds}, but must be at most ${tcpSec}, as open TCP connections are kept for so long without packets`;
    return [finding('LB_CFG_TIMEOUT_ORDER', [field], says)];
  });
}
