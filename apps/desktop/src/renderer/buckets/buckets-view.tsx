import { EmptyState } from '../ui/index.js';
import { BucketMap } from './bucket-map.js';
import { useBucketPair } from './use-bucket-map.js';
import { useShownVip, VipSelect } from './vip-select.js';

/** The buckets of a VIP that is chosen here. */
export function BucketsView() {
  const vip = useShownVip();
  if (vip === null) {
    return <EmptyState title="No VIP yet">Add a VIP with its ASs, and its buckets are drawn here.</EmptyState>;
  }
  return (
    <>
      <div className="view-head">
        <h1>Buckets</h1>
        <VipSelect />
      </div>
      <VipBuckets vip={vip} />
    </>
  );
}

/** The buckets of a VIP, now and with what is staged. */
export function VipBuckets({ vip }: { readonly vip: string }) {
  const { pair, error, servedLen } = useBucketPair(vip);
  if (error !== null) return <EmptyState title="The table could not be read">{error}</EmptyState>;
  if (pair === null) return <EmptyState title="Reading the table…" />;
  return <BucketMap vip={vip} pair={pair} servedLen={servedLen} />;
}
