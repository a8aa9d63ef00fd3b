export { METRICS, type MetricName } from './definitions.js';
export { createMetrics, type Metrics, type MetricsOptions, type MetricsSource } from './metrics.js';
