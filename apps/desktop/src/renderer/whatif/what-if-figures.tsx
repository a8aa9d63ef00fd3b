import { describeVip, type Plan, type VipPlan, vipId } from '@lb/control';
import { useMemo, useState } from 'react';
import { countOf, formatCount, formatPercent, Panel } from '../ui/index.js';
import { moveFigures } from './figures.js';
import { MovesDiagram } from './moves-diagram.js';
import './whatif.css';

/** VIPs with a picture: those with most to be seen in it. */
const MOST_PANELS = 4;
/** Lines of a list; nobody reads on, and ten thousand take seconds to draw. */
const MOST_LINES = 100;

/** What a plan says, in figures: buckets that move, flows kept and cut, warnings. */
export function WhatIfFigures({ plan }: { readonly plan: Plan }) {
  const moving = useMemo(() => mostFirst(plan), [plan]);
  const quiet = plan.vips.length - moving.length;
  return (
    <div className="whatif">
      {moving.slice(0, MOST_PANELS).map((vip) => (
        <VipFigures key={vipId(vip.vip)} plan={vip} />
      ))}
      {moving.length > MOST_PANELS && <MoreVips plans={moving.slice(MOST_PANELS)} />}
      {plan.vips.length === 0 && <p className="muted">No bucket moves and no flow is cut.</p>}
      {quiet > 0 && <p className="muted">{countOf(quiet, 'more VIP')} affected without a bucket that moves.</p>}
      {plan.vips.length !== 1 && <FlowFigures flows={plan.flows} />}
      <Warnings plan={plan} />
    </div>
  );
}

/** The VIPs whose buckets move, those first of which most do. */
function mostFirst({ vips }: Plan): readonly VipPlan[] {
  return vips.filter(({ moved }) => moved > 0).sort((a, b) => b.share - a.share || b.moved - a.moved);
}

/** VIPs without a picture, as a list that is drawn when it is asked for. */
function MoreVips({ plans }: { readonly plans: readonly VipPlan[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="more-vips" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{`and ${countOf(plans.length, 'more VIP')} with buckets that move`}</summary>
      {isOpen && (
        <dl className="facts">
          {plans.slice(0, MOST_LINES).map(({ vip, moved, buckets }) => (
            <Fact key={vipId(vip)} name={describeVip(vip)} value={`${formatCount(moved)} of ${formatCount(buckets)}`} />
          ))}
        </dl>
      )}
      {isOpen && <Rest count={plans.length - MOST_LINES} />}
    </details>
  );
}

/** What a list leaves out. */
function Rest({ count }: { readonly count: number }) {
  return count > 0 ? <p className="muted">{`and ${formatCount(count)} more`}</p> : null;
}

function VipFigures({ plan }: { readonly plan: VipPlan }) {
  const { moved, share, unrelated, unrelatedShare } = moveFigures(plan);
  return (
    <Panel title={`Buckets of ${describeVip(plan.vip)} that move`}>
      <MovesDiagram plan={plan} />
      <dl className="facts">
        <Fact name="Buckets that move" value={`${formatCount(moved)} of ${formatCount(plan.buckets)}`} />
        <Fact name="Part of all" value={formatPercent(share)} />
        <Fact
          name="Moved beyond need"
          value={unrelated === 0 ? '0' : `${formatCount(unrelated)} (${formatPercent(unrelatedShare)})`}
          title="Buckets that move between servers although the change does not ask for it"
        />
      </dl>
      <FlowFigures flows={plan.flows} />
    </Panel>
  );
}

function FlowFigures({ flows }: Pick<Plan, 'flows'>) {
  if (flows === null) return <p className="muted">Flows are not counted: there is no sample yet.</p>;
  return (
    <dl className="facts">
      <Fact name="Flows kept on their AS" value={formatCount(flows.kept)} />
      <Fact name="Flows cut" value={formatCount(flows.cut)} tone={flows.cut > 0 ? 'tone-bad' : 'tone-good'} />
    </dl>
  );
}

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly title?: string;
  readonly tone?: string;
}

function Fact({ name, value, title, tone = '' }: FactProps) {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd className={tone}>{value}</dd>
    </div>
  );
}

function Warnings({ plan: { warnings } }: { readonly plan: Plan }) {
  if (warnings.length === 0) return null;
  return (
    <>
      <ul className="whatif-warnings" aria-label="Warnings">
        {warnings.slice(0, MOST_LINES).map(({ code, path, message, hint }) => (
          <li key={`${code} ${path} ${message}`} className="tone-warn" title={code}>
            ▲ {message}
            {hint !== undefined && <span className="muted"> – {hint}</span>}
          </li>
        ))}
      </ul>
      <Rest count={warnings.length - MOST_LINES} />
    </>
  );
}
