import { describeVip, vipId } from '@lb/control';
import { type Flush, useLive, useStaged } from '../stores/index.js';
import { formatCount } from '../ui/index.js';

/** Flows that are balanced anew on Apply; plans do not count them, since the configuration stays. */
export function FlushNotes() {
  const flushes = useStaged((state) => state.flushes);
  const vips = useLive((state) => state.latest?.vips);
  if (flushes.length === 0) return null;
  const flowsOf = (flush: Flush) => {
    const ass = vips?.find(({ id }) => id === vipId(flush.vip))?.ass;
    const meant = ass?.filter(({ address }) => flush.kind === 'flush-vip' || address === flush.address);
    return meant?.reduce((sum, { flows }) => sum + flows, 0) ?? null;
  };
  return (
    <ul className="flushes" aria-label="Flows that are flushed">
      {flushes.map((flush, i) => (
        <li key={i} className="tone-warn">
          Flush {flush.kind === 'flush-as' && `${flush.address} of `}
          {describeVip(flush.vip)}: {formatCount(flowsOf(flush))} flows are balanced anew
        </li>
      ))}
    </ul>
  );
}
