import type { CountersSample } from '../api/contract/counters.js';
import type { HealthView } from '../api/contract/health.js';
import type { WorkerView } from '../api/contract/status.js';
import { vipId } from '../vip-ref.js';
import type { MetricName } from './definitions.js';
import type { Folded, VipSeries } from './fold.js';

/** Takes the value of one series. */
export type SetSeries = (name: MetricName, labels: Readonly<Record<string, string>>, value: number) => void;

export function fillTotals(set: SetSeries, sample: CountersSample): void {
  set('lb_received_packets_total', {}, sample.received);
  set('lb_packets_total', { verdict: 'forward' }, sample.forwarded);
  set('lb_packets_total', { verdict: 'reply' }, sample.replied);
  set('lb_packets_total', { verdict: 'punt' }, sample.punted);
  set('lb_packets_total', { verdict: 'drop' }, sample.dropped);
  for (const [reason, packets] of Object.entries(sample.droppedBy))
    set('lb_dropped_packets_total', { reason }, packets);
  for (const [reason, packets] of Object.entries(sample.puntedBy)) set('lb_punted_packets_total', { reason }, packets);
  set('lb_nat_return_packets_total', {}, sample.natReturn);
  set('lb_unsent_packets_total', {}, sample.unsent);
  set('lb_unpunted_packets_total', {}, sample.unpunted);
  set('lb_flows', {}, sample.flows);
  set('lb_opening_flows', {}, sample.flowStates.opening);
  set('lb_closing_flows', {}, sample.flowStates.closing);
  set('lb_flow_capacity', {}, sample.flowCapacity);
  set('lb_config_revision', {}, sample.revision);
  set('lb_image_revision', {}, sample.image.revision);
  set('lb_image_acknowledged', {}, sample.image.acknowledged);
  set('lb_uptime_seconds', {}, sample.uptimeSec);
}

export function fillVips(set: SetSeries, { vips, foldedVips, foldedAss }: Folded): void {
  for (const vip of vips) {
    fillVip(set, vip);
    fillAss(set, vip);
  }
  set('lb_series_folded', { what: 'vip' }, foldedVips);
  set('lb_series_folded', { what: 'as' }, foldedAss);
}

function fillVip(set: SetSeries, { id: vip, healths, ...sample }: VipSeries): void {
  const { existing, first, untracked, noServer, ass } = sample;
  for (const [kind, packets] of Object.entries({ existing, first, untracked, no_server: noServer })) {
    set('lb_vip_packets_total', { vip, kind }, packets);
  }
  const sum = (read: (as: (typeof ass)[number]) => number) => ass.reduce((total, as) => total + read(as), 0);
  set(
    'lb_vip_bytes_total',
    { vip },
    sum(({ bytes }) => bytes),
  );
  set(
    'lb_vip_flows',
    { vip },
    sum(({ flows }) => flows),
  );
  set('lb_vip_buckets', { vip }, sample.newLen);
  set('lb_vip_imbalance', { vip }, sample.imbalance);
  for (const [health, servers] of Object.entries(healths)) set('lb_vip_servers', { vip, health }, servers);
}

function fillAss(set: SetSeries, { id: vip, ass }: VipSeries): void {
  for (const { address, folded, health, first, untracked, ...sample } of ass) {
    const labels = { vip, as: address };
    set('lb_as_packets_total', labels, sample.packets);
    set('lb_as_bytes_total', labels, sample.bytes);
    if (first !== null) set('lb_as_first_packets_total', labels, first);
    if (untracked !== null) set('lb_as_untracked_packets_total', labels, untracked);
    set('lb_as_flows', labels, sample.flows);
    set('lb_as_buckets', labels, sample.buckets);
    set('lb_as_weight', labels, sample.effectiveWeight);
    set('lb_as_configured_weight', labels, sample.weight);
    if (!folded && health !== 'unknown') set('lb_as_up', labels, health === 'healthy' ? 1 : 0);
  }
}

/** @param shown the servers that have series of their own */
export function fillChecks(set: SetSeries, checks: readonly HealthView[], { vips }: Folded): void {
  const shown = new Set(vips.flatMap(({ id, ass }) => ass.map(({ address }) => `${id} ${address}`)));
  for (const { vip, address, checks: all, failures, flapping, lastResult } of checks) {
    const labels = { vip: vipId(vip), as: address };
    if (!shown.has(`${labels.vip} ${address}`)) continue;
    set('lb_check_results_total', { ...labels, result: 'good' }, all - failures);
    set('lb_check_results_total', { ...labels, result: 'failed' }, failures);
    set('lb_check_flapping', labels, flapping ? 1 : 0);
    if (lastResult !== null) set('lb_check_seconds', labels, lastResult.ms / 1000);
  }
}

/** @param before the workers at the last scrape */
export function fillWorkers(set: SetSeries, workers: readonly WorkerView[], before: readonly WorkerView[]): void {
  for (const { worker: index, state, busyMs, aliveMs, received, bursts, starts } of workers) {
    const worker = String(index);
    set('lb_worker_up', { worker }, state === 'running' ? 1 : 0);
    set('lb_worker_busy_seconds_total', { worker }, busyMs / 1000);
    set('lb_worker_alive_seconds_total', { worker }, aliveMs / 1000);
    set('lb_worker_received_packets_total', { worker }, received);
    set('lb_worker_bursts_total', { worker }, bursts);
    set('lb_worker_starts_total', { worker }, starts);
    const last = before.find((other) => other.worker === index);
    const fresh = bursts - (last?.bursts ?? 0);
    if (fresh > 0) set('lb_worker_burst_fill', { worker }, (received - (last?.received ?? 0)) / fresh);
  }
}
