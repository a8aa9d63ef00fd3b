export interface MetricDefinition {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
}

function counter(help: string, ...labels: string[]): MetricDefinition {
  return { type: 'counter', help, labels };
}

function gauge(help: string, ...labels: string[]): MetricDefinition {
  return { type: 'gauge', help, labels };
}

/** Every metric of the balancer; docs/metrics.md and the dashboard use these names, and tests hold them together. */
export const METRICS = {
  lb_received_packets_total: counter('Packets received from all queues'),
  lb_packets_total: counter('Packets by what became of them: forward, reply, punt or drop', 'verdict'),
  lb_dropped_packets_total: counter('Packets dropped, by reason', 'reason'),
  lb_punted_packets_total: counter('Packets left to the kernel, by reason', 'reason'),
  lb_nat_return_packets_total: counter('Packets of servers restored on their way back to clients'),
  lb_unsent_packets_total: counter('Packets that could not be sent for want of room'),
  lb_unpunted_packets_total: counter('Packets for the kernel that could not be handed over'),
  lb_flows: gauge('Established flows'),
  lb_opening_flows: gauge('Flows of TCP connections of which only SYNs have come'),
  lb_closing_flows: gauge('Flows of TCP connections of which a FIN or RST has come'),
  lb_flow_capacity: gauge('Entries of all flow tables'),
  lb_vip_packets_total: counter('Packets of a VIP: existing, first, untracked or no_server', 'vip', 'kind'),
  lb_vip_bytes_total: counter('Bytes of IP packets that its servers got', 'vip'),
  lb_vip_flows: gauge('Established flows of a VIP', 'vip'),
  lb_vip_buckets: gauge('Buckets of the new-flow table', 'vip'),
  lb_vip_imbalance: gauge('How far the fullest server exceeds its share, as a factor: 1 is perfect', 'vip'),
  lb_vip_servers: gauge('Servers by health: healthy, failing or unknown', 'vip', 'health'),
  lb_as_packets_total: counter('Packets of an application server', 'vip', 'as'),
  lb_as_bytes_total: counter('Bytes of IP packets of an application server', 'vip', 'as'),
  lb_as_first_packets_total: counter('First packets of flows; absent where they are not counted', 'vip', 'as'),
  lb_as_untracked_packets_total: counter('Packets without a flow entry; absent where not counted', 'vip', 'as'),
  lb_as_flows: gauge('Established flows of an application server', 'vip', 'as'),
  lb_as_buckets: gauge('Buckets of an application server', 'vip', 'as'),
  lb_as_weight: gauge('Weight by which it gets new flows now', 'vip', 'as'),
  lb_as_configured_weight: gauge('Weight in the configuration', 'vip', 'as'),
  lb_as_up: gauge('1 healthy, 0 failing; absent while unknown', 'vip', 'as'),
  lb_check_results_total: counter('Results of health checks: good or failed', 'vip', 'as', 'result'),
  lb_check_flapping: gauge('1 while it changes its health too often to be believed', 'vip', 'as'),
  lb_check_seconds: gauge('Time that the last health check took', 'vip', 'as'),
  lb_worker_up: gauge('1 while the worker serves its queues', 'worker'),
  lb_worker_busy_seconds_total: counter('Time spent on packets', 'worker'),
  lb_worker_alive_seconds_total: counter('Time since the start of the worker', 'worker'),
  lb_worker_received_packets_total: counter('Packets received by a worker', 'worker'),
  lb_worker_bursts_total: counter('Bursts of packets; packets by bursts is how full they are', 'worker'),
  lb_worker_burst_fill: gauge('Packets in a burst, on average since the last scrape', 'worker'),
  lb_worker_starts_total: counter('Threads started for a worker', 'worker'),
  lb_config_revision: gauge('Number of the configuration that serves'),
  lb_image_revision: gauge('Number of the latest image of tables'),
  lb_image_acknowledged: gauge('Number of the image that all workers use'),
  lb_uptime_seconds: gauge('Time since the start of the daemon'),
  lb_events_total: counter('Events by type', 'type'),
  lb_api_streams: gauge('Streams of the API that are open: events, captures, traces'),
  lb_series_folded: gauge('VIPs and servers that are shown as "(others)" to bound the number of series', 'what'),
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

/** Metrics that are not taken from a sample. */
export const REQUEST_METRIC = {
  name: 'lb_api_request_seconds',
  help: 'Time to answer a request of the API, by operation and class of status',
  labels: ['operation', 'status'],
} as const;
