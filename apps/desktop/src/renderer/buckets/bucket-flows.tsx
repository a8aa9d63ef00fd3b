import { memo } from 'react';
import { flowText } from '../flows/flow-text.js';
import { countOf, formatCount, Panel } from '../ui/index.js';
import { type CountedFlows, flowsOfBucket } from './count-flows.js';

const SHOWN = 200;

interface BucketFlowsProps {
  readonly bucket: number;
  readonly counted: CountedFlows;
}

/** The flows whose first packets went by a bucket. */
export const BucketFlows = memo(function BucketFlows({ bucket, counted }: BucketFlowsProps) {
  const flows = flowsOfBucket(counted, bucket);
  return (
    <Panel title={`Flows in bucket ${formatCount(bucket)}`} tools={<span>{countOf(flows.length, 'flow')}</span>}>
      {flows.length === 0 ? (
        <p className="muted">{counted.complete ? 'None is established.' : 'None among those that were read.'}</p>
      ) : (
        <ul className="bucket-flows mono">
          {flows.slice(0, SHOWN).map((flow) => (
            <li key={`${flow.worker} ${flow.identity}`}>
              {flowText(flow)} on {flow.as}
            </li>
          ))}
        </ul>
      )}
      {flows.length > SHOWN && <p className="muted">and {formatCount(flows.length - SHOWN)} more</p>}
    </Panel>
  );
});
