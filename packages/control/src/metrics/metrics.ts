import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Balancer } from '../api/balancer.js';
import type { WorkerView } from '../api/contract/status.js';
import { METRICS, type MetricDefinition, type MetricName, REQUEST_METRIC } from './definitions.js';
import { fillChecks, fillTotals, fillVips, fillWorkers, type SetSeries } from './fill.js';
import { foldSeries, SERIES_LIMITS, type SeriesLimits } from './fold.js';

/** Where the metrics come from. */
export type MetricsSource = Pick<Balancer, 'counters' | 'health' | 'events'>;

export interface MetricsOptions {
  /** Event streams that are open. */
  readonly streams?: () => number;
  readonly limits?: SeriesLimits;
}

export interface Metrics {
  readonly contentType: string;
  /** In the text format of Prometheus, of this moment. */
  text(): Promise<string>;
  /** Takes note of a request of the API. */
  request(about: { readonly route: string; readonly status: number; readonly seconds: number }): void;
}

const REQUEST_BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

/** The metrics of a balancer, and the usual ones of its process. */
export function createMetrics(source: MetricsSource, options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const sampled = sampledMetrics(registry);
  const requests = new Histogram({
    name: REQUEST_METRIC.name,
    help: REQUEST_METRIC.help,
    labelNames: [...REQUEST_METRIC.labels],
    buckets: REQUEST_BUCKETS,
    registers: [registry],
  });
  const { streams = () => 0, limits = SERIES_LIMITS } = options;
  let workersBefore: readonly WorkerView[] = [];
  let running: Promise<string> | undefined;

  const fill = (): void => {
    for (const metric of sampled.values()) metric.reset();
    const set: SetSeries = (name, labels, value) => sampled.get(name)!.inc(labels, value);
    const sample = source.counters();
    const folded = foldSeries(sample.vips, limits);
    fillTotals(set, sample);
    fillVips(set, folded);
    fillChecks(set, source.health(), folded);
    fillWorkers(set, sample.workers, workersBefore);
    for (const [type, count] of source.events.counts) set('lb_events_total', { type }, count);
    set('lb_api_streams', {}, streams());
    workersBefore = sample.workers;
  };
  const collect = async (): Promise<string> => {
    fill();
    return registry.metrics();
  };
  return {
    contentType: registry.contentType,
    text() {
      // Two scrapes at once share one sample: the second must not reset what the first is writing.
      running ??= collect().finally(() => {
        running = undefined;
      });
      return running;
    },
    request({ route, status, seconds }) {
      requests.observe({ operation: route, status: `${Math.floor(status / 100)}xx` }, seconds);
    },
  };
}

function sampledMetrics(registry: Registry): Map<MetricName, Counter | Gauge> {
  const made = new Map<MetricName, Counter | Gauge>();
  for (const [name, { type, help, labels }] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) {
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    made.set(name, type === 'counter' ? new Counter(options) : new Gauge(options));
  }
  return made;
}
