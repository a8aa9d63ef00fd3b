import { useStore } from 'zustand';
import { EmptyState, Tabs } from '../ui/index.js';
import { BucketCompare } from './bucket-compare.js';
import { BucketMap } from './bucket-map.js';
import { comparedStates } from './compared-states.js';
import { useBucketPair } from './use-bucket-map.js';
import { useShownVip, VipSelect } from './vip-select.js';

const HOW_MANY = [
  { value: 'one', text: 'one map' },
  { value: 'two', text: 'compare two states' },
] as const;

/** The buckets of a VIP that is chosen here; in two states side by side if that is wanted. */
export function BucketsView() {
  const vip = useShownVip();
  const isCompared = useStore(comparedStates, ({ isOn }) => isOn);
  if (vip === null) {
    return <EmptyState title="No VIP yet">Add a VIP with its ASs, and its buckets are drawn here.</EmptyState>;
  }
  return (
    <>
      <div className="view-head">
        <h1>Buckets</h1>
        <VipSelect />
        <Tabs
          label="How many states"
          options={HOW_MANY}
          value={isCompared ? 'two' : 'one'}
          onChange={(value) => comparedStates.setState({ isOn: value === 'two' })}
        />
      </div>
      {isCompared ? <BucketCompare vip={vip} /> : <VipBuckets vip={vip} />}
    </>
  );
}

interface VipBucketsProps {
  readonly vip: string;
  /** Whether the ASs are listed with their shares. */
  readonly legend?: boolean;
  /** Address of an AS that was selected elsewhere: it comes forward in the map. */
  readonly only?: string | null;
}

/** The buckets of a VIP, now and with what is staged. */
export function VipBuckets({ vip, legend = true, only = null }: VipBucketsProps) {
  const { pair, error, servedLen } = useBucketPair(vip);
  if (error !== null) return <EmptyState title="The table could not be read">{error}</EmptyState>;
  if (pair === null) return <EmptyState title="Reading the table…" />;
  return <BucketMap vip={vip} pair={pair} servedLen={servedLen} legend={legend} only={only} />;
}
