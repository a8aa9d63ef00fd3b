import { type Effect, showLb, showVips, viewLb, viewVips } from '@lb/control';
import type { VipReport } from '../vip-report.js';
import { nodeCounters, nodeCountersText } from './node-counters.js';
import type { Serving } from './serving.js';

/** The answer to a `show` line. */
export interface Answer {
  readonly text: string;
  readonly json: unknown;
}

export function answerShow(daemon: Serving, { what, verbose, config }: Effect & { kind: 'show' }): Answer {
  if (what === 'lb') {
    const view = viewLb(config);
    return { text: showLb(view), json: view };
  }
  if (what === 'node-counters') {
    const counters = nodeCounters(daemon);
    return { text: nodeCountersText(counters), json: counters };
  }
  const { healthOf, dataplane } = daemon;
  const views = viewVips(config, vipReports(daemon), { healthOf, effective: dataplane.effective });
  return { text: showVips(views, verbose), json: views };
}

/** What the workers have counted for each VIP, together. */
export function vipReports({ dataplane }: Pick<Serving, 'dataplane'>): VipReport[] {
  const { vips, counters, supervisor } = dataplane;
  return vips.map(({ config, slot, ass }) => {
    const { existing, first, untracked, noServer } = counters.vip(slot);
    return {
      prefix: config.prefix,
      protocol: config.protocol ?? null,
      port: config.port ?? null,
      counters: { existing, first, untracked, noServer },
      ass: ass.map((as) => ({
        address: as.config.address,
        weight: as.config.weight,
        ...counters.as(as.slot),
        buckets: as.buckets,
        flows: supervisor.group.flows(as.slot),
      })),
    };
  });
}
