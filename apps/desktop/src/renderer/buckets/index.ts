export { BucketsView, VipBuckets } from './buckets-view.js';
export { useShownVip, VipSelect } from './vip-select.js';
