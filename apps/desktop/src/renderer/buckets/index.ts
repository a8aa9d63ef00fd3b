export { BucketsView, VipBuckets } from './buckets-view.js';
export { useShownVip, VipSelect } from './vip-select.js';
export { showBucket } from './wanted-bucket.js';
