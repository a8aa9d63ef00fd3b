import { memo } from 'react';
import { ask } from '../explain/asked.js';
import { flowText, isKnownFlow } from '../flows/flow-text.js';
import { useApp } from '../stores/index.js';
import { countOf, formatCount, Panel } from '../ui/index.js';
import { flowsOfBucket } from './flows-of-bucket.js';
import type { ListedFlows } from './use-flow-counts.js';

const SHOWN = 200;

interface BucketFlowsProps {
  readonly bucket: number;
  readonly listed: ListedFlows;
  /** Buckets of the table that serves. */
  readonly newLen: number;
}

/** The flows whose first packets went by a bucket; each can be explained. */
export const BucketFlows = memo(function BucketFlows({ bucket, listed, newLen }: BucketFlowsProps) {
  const { stores } = useApp();
  const flows = flowsOfBucket(listed.flows, newLen, bucket);
  const explain = (flow: string) => {
    ask(flow);
    stores.view.getState().show('explain');
  };
  return (
    <Panel title={`Flows in bucket ${formatCount(bucket)}`} tools={<span>{countOf(flows.length, 'flow')}</span>}>
      {flows.length === 0 ? (
        <p className="muted">{listed.complete ? 'None is established.' : 'None among those that were read.'}</p>
      ) : (
        <ul className="bucket-flows mono">
          {flows.slice(0, SHOWN).map((flow) => (
            <li key={`${flow.worker} ${flow.identity}`}>
              <button
                type="button"
                title="Explain it"
                disabled={!isKnownFlow(flow)}
                onClick={() => explain(flowText(flow))}
              >
                {flowText(flow)}
              </button>{' '}
              on {flow.as}
            </li>
          ))}
        </ul>
      )}
      {flows.length > SHOWN && <p className="muted">and {formatCount(flows.length - SHOWN)} more</p>}
    </Panel>
  );
});
