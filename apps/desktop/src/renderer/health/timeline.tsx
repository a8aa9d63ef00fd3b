import type { LbEvent } from '@lb/control/client';
import { useEffect, useMemo, useState } from 'react';
import { callApi, useApp, useConnection, useLive } from '../stores/index.js';
import { formatMoment, formatTime, Panel, Tabs } from '../ui/index.js';
import { EVENT_KINDS, type EventKind, isOfKind, mergeEvents } from './merge-events.js';

const READ = '500';
const SHOWN = 300;
const TONES = { info: '', warn: 'tone-warn', error: 'tone-bad' } as const;
const SIGNS = { info: '', warn: '▲ ', error: '✕ ' } as const;
const KINDS = EVENT_KINDS.map((value) => ({ value, text: value }));

/** What happened, newest first: what the daemon still knows, and what has come since. */
export function Timeline() {
  const live = useLive(({ events }) => events);
  const hasGap = useLive(({ gap }) => gap);
  const { events: known, error } = useKnownEvents(hasGap);
  const [kind, setKind] = useState<EventKind>('all');
  const events = useMemo(() => mergeEvents(known, live), [known, live]);
  const shown = events.filter((event) => isOfKind(event, kind)).slice(0, SHOWN);
  return (
    <Panel
      title="Events"
      tools={<Tabs<EventKind> label="Which events" options={KINDS} value={kind} onChange={setKind} />}
    >
      {error !== null && <p role="alert" className="tone-bad">{`Earlier events could not be read: ${error}`}</p>}
      {shown.length === 0 && <p className="muted">Nothing of this kind happened since the daemon began.</p>}
      <ol className="timeline">
        {shown.map((event) => (
          <EventLine key={event.id} event={event} />
        ))}
      </ol>
    </Panel>
  );
}

function EventLine({ event: { at, type, level, text } }: { readonly event: LbEvent }) {
  return (
    <li>
      <time dateTime={at} title={formatMoment(at)} className="muted">
        {formatTime(at)}
      </time>
      <span className="muted">{type}</span>
      <span className={TONES[level]}>
        {SIGNS[level]}
        {text}
      </span>
    </li>
  );
}

/** The latest events that the daemon remembers; read again after events were missed. */
function useKnownEvents(hasGap: boolean): { readonly events: readonly LbEvent[]; readonly error: string | null } {
  const { bridge } = useApp();
  const daemon = useConnection(({ selected }) => selected);
  const [state, setState] = useState<ReturnType<typeof useKnownEvents>>({ events: [], error: null });
  useEffect(() => {
    setState({ events: [], error: null });
    if (daemon === null) return;
    let wanted = true;
    callApi(bridge, daemon, 'listEvents', { query: { limit: READ } }).then(
      (answer) =>
        wanted &&
        setState(
          answer.ok ? { events: answer.value.events, error: null } : { events: [], error: answer.error.message },
        ),
      (error: Error) => wanted && setState({ events: [], error: error.message }),
    );
    return () => {
      wanted = false;
    };
  }, [bridge, daemon, hasGap]);
  return state;
}
