import { vipId } from '@lb/control';
import type { FlowView } from '@lb/control/client';
import { useMemo, useState } from 'react';
import { showBucket, useShownVip } from '../buckets/index.js';
import { ask } from '../explain/asked.js';
import { useApp, useConfig, useLive } from '../stores/index.js';
import { Button, countOf, EmptyState, Field, formatCount, formatTime, Panel } from '../ui/index.js';
import { countAges } from './ages.js';
import { FlowChart } from './flow-chart.js';
import { ALL_FLOWS, type FilterErrors, type FlowFilter, flowQuery, STATE_TEXTS } from './flow-query.js';
import { FlowSearch } from './flow-search.js';
import { FlowTable, flowKey } from './flow-table.js';
import { flowText, isKnownFlow } from './flow-text.js';
import { type FlowList, useFlowList } from './use-flow-list.js';
import './flows.css';

/** The established flows, live, with filter and search. */
export function FlowsView() {
  const { stores, actions } = useApp();
  const [filter, setFilter] = useState<FlowFilter>(ALL_FLOWS);
  const [pages, setPages] = useState(1);
  const [isLive, setLive] = useState(true);
  const query = useMemo(() => flowQuery(filter), [filter]);
  const list = useFlowList(query, pages, isLive);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const shownVip = useShownVip();
  const explain = (flow: FlowView) => {
    if (!isKnownFlow(flow)) return actions.say('Not all of this flow is known, so it cannot be explained.');
    ask(flowText(flow));
    stores.view.getState().show('explain');
  };
  const bucket = (flow: FlowView) => {
    if (flow.bucket === null) return actions.say('The bucket of this flow is not known.');
    showBucket(stores, flow.vip, flow.bucket);
  };
  const picked = selected.size === 1 ? list.flows.find((flow) => selected.has(flowKey(flow))) : undefined;
  return (
    <>
      <div className="view-head">
        <h1>Flows</h1>
        <Button aria-pressed={!isLive} onClick={() => setLive(!isLive)}>
          {isLive ? 'Pause' : 'Go on'}
        </Button>
        <span className="muted">{listText(list)}</span>
        <States />
      </div>
      <FlowChart vip={filter.vip === '' ? shownVip : filter.vip} />
      <FlowSearch />
      <Filters
        filter={filter}
        errors={query.ok ? {} : query.errors}
        onChange={(next) => {
          setPages(1);
          setFilter(next);
        }}
      />
      {list.error !== null && <p role="alert" className="tone-bad">{`Flows could not be read: ${list.error}`}</p>}
      {list.at !== null && list.flows.length === 0 ? (
        <EmptyState title="No flow">No established flow is let through by this filter.</EmptyState>
      ) : (
        <>
          <div className="flow-actions">
            <Button disabled={picked === undefined} shortcut="Enter" onClick={() => picked && explain(picked)}>
              Explain
            </Button>
            <Button disabled={picked === undefined} shortcut="B" onClick={() => picked && bucket(picked)}>
              Show its bucket
            </Button>
            {picked === undefined && <span className="muted">of the flow that is selected in the list</span>}
            {list.hasMore && <Button onClick={() => setPages(pages * 4)}>Read more flows</Button>}
          </div>
          <div className="flow-table">
            <FlowTable
              flows={list.flows}
              selected={selected}
              onSelect={setSelected}
              onOpen={explain}
              onBucket={bucket}
            />
          </div>
        </>
      )}
      {list.flows.length > 0 && <Ages flows={list.flows} />}
    </>
  );
}

/** Of how many flows in all tables the connection opens or closes. */
function States() {
  const states = useLive(({ latest }) => latest?.flowStates);
  if (states === undefined) return null;
  const { opening, closing } = states;
  return (
    <span
      className="muted"
      title="TCP connections in all flow tables; many that open are a flood, or servers that do not answer"
    >
      {`${formatCount(opening)} opening, ${formatCount(closing)} closing`}
    </span>
  );
}

function listText({ flows, total, hasMore, at }: FlowList): string {
  if (at === null) return 'Reading the flow tables…';
  const rest = total !== null ? ` of ${formatCount(total)}` : hasMore ? ', and there are more' : '';
  return `${countOf(flows.length, 'flow')}${rest}, as of ${formatTime(at)}`;
}

interface FiltersProps {
  readonly filter: FlowFilter;
  readonly errors: FilterErrors;
  onChange(filter: FlowFilter): void;
}

function Filters({ filter, errors, onChange }: FiltersProps) {
  const vips = useConfig(({ config }) => config?.vips);
  return (
    <div className="flow-filters">
      <Field label="VIP">
        {(attributes) => (
          <select
            {...attributes}
            className="select"
            value={filter.vip}
            onChange={(event) => onChange({ ...filter, vip: event.target.value })}
          >
            <option value="">all</option>
            {vips?.map((vip) => (
              <option key={vipId(vip)}>{vipId(vip)}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="AS" error={errors.as}>
        {(attributes) => (
          <input
            {...attributes}
            className="input mono"
            placeholder="all"
            value={filter.as}
            onChange={(event) => onChange({ ...filter, as: event.target.value })}
          />
        )}
      </Field>
      <Field label="Client" error={errors.client}>
        {(attributes) => (
          <input
            {...attributes}
            className="input mono"
            placeholder="all"
            value={filter.client}
            onChange={(event) => onChange({ ...filter, client: event.target.value })}
          />
        )}
      </Field>
      <Field label="State">
        {(attributes) => (
          <select
            {...attributes}
            className="select"
            value={filter.state}
            onChange={(event) => onChange({ ...filter, state: event.target.value as FlowFilter['state'] })}
          >
            <option value="">all</option>
            {Object.entries(STATE_TEXTS).map(([state, text]) => (
              <option key={state} title={text}>
                {state}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

function Ages({ flows }: Pick<FlowList, 'flows'>) {
  const ages = countAges(flows);
  return (
    <Panel title="Age of the flows in the list">
      <dl className="ages">
        {ages.map(({ name, flows: count }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <meter aria-label={name} min={0} max={flows.length} value={count} /> {formatCount(count)}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
