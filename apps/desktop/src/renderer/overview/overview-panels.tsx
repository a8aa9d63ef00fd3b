import type { VipSample, WorkerView } from '@lb/control/client';
import type { WorkerLoad } from '../app/worker-load.js';
import { useApp } from '../stores/index.js';
import { Button, formatCount, formatPercent, formatRate, Panel } from '../ui/index.js';
import type { dropRates } from './rates.js';

/** Why packets were dropped. */
export function DropsPanel({ drops }: { readonly drops: ReturnType<typeof dropRates> }) {
  return (
    <Panel title="Drops by reason">
      {drops.length === 0 ? (
        <p className="muted">No packet was dropped since the daemon began.</p>
      ) : (
        <dl className="facts">
          {drops.map(({ reason, packets, rate }) => (
            <div key={reason}>
              <dt>{reason}</dt>
              <dd title={`${formatCount(packets)} since the daemon began`}>
                {formatCount(packets)} <span className="muted">{formatRate(rate)}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}

/** How busy the workers are. */
export function WorkersPanel({ workers, loads }: { workers: readonly WorkerView[]; loads: readonly WorkerLoad[] }) {
  return (
    <Panel title="Workers">
      {loads.map(({ worker, load }) => {
        const state = workers.find((other) => other.worker === worker)?.state ?? '';
        const name = `worker ${worker}`;
        return (
          <div key={worker} className="worker">
            <span>{name}</span>
            {load === null ? <span /> : <meter aria-label={`Load of ${name}`} min={0} max={1} value={load} />}
            <span>
              {formatPercent(load, 0)} {state !== 'running' && <span className="tone-warn">{state}</span>}
            </span>
          </div>
        );
      })}
    </Panel>
  );
}

/** Whether servers answer their checks. */
export function HealthPanel({ vips }: { readonly vips: readonly VipSample[] }) {
  const { stores } = useApp();
  const ass = vips.flatMap((vip) => vip.ass.map(({ address, health }) => ({ address, health, vip: vip.id })));
  const count = (health: string): number => ass.filter((as) => as.health === health).length;
  const failing = ass.filter(({ health }) => health === 'failing');
  return (
    <Panel
      title="Health"
      tools={
        <Button look="quiet" onClick={() => stores.view.getState().show('health')}>
          All checks
        </Button>
      }
    >
      <dl className="facts">
        <div>
          <dt>healthy</dt>
          <dd>{formatCount(count('healthy'))}</dd>
        </div>
        <div>
          <dt>failing</dt>
          <dd className={failing.length > 0 ? 'tone-bad' : ''}>{formatCount(failing.length)}</dd>
        </div>
        <div>
          <dt>not checked</dt>
          <dd>{formatCount(count('unknown'))}</dd>
        </div>
      </dl>
      {failing.slice(0, 5).map(({ vip, address }) => (
        <p key={`${vip} ${address}`} className="tone-bad mono">
          {address} of {vip}
        </p>
      ))}
      {failing.length > 5 && <p className="muted">and {formatCount(failing.length - 5)} more</p>}
    </Panel>
  );
}
