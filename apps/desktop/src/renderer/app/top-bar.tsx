import {
  freshness,
  selectedDaemon,
  useApp,
  useConfig,
  useConnection,
  useLive,
  useNow,
  useStaged,
} from '../stores/index.js';
import { Button, countOf, formatCount, formatDuration } from '../ui/index.js';
import { SHORTCUTS } from './shortcuts.js';
import { useIsStale } from './use-is-stale.js';

/** Where am I: daemon, connection, age of the data, revision. */
export function TopBar() {
  const { stores } = useApp();
  const edits = useStaged((state) => state.edits.length);
  return (
    <header className="top-bar">
      <strong className="brand">lb</strong>
      <ConnectionPill />
      <RevisionPill />
      <span className="spacer" />
      <Button shortcut={SHORTCUTS.palette} onClick={() => stores.view.getState().setPaletteOpen(true)}>
        Search or run a command
      </Button>
      {edits > 0 && (
        <Button onClick={() => stores.view.getState().show('staged')}>{countOf(edits, 'staged change')}</Button>
      )}
    </header>
  );
}

const KINDS = { embedded: 'embedded', unix: 'Unix socket', tcp: 'TCP', ssh: 'SSH' } as const;
const STATES = { connected: 'connected', connecting: 'connecting', retrying: 'not connected, trying again' } as const;

function ConnectionPill() {
  const daemon = useConnection(selectedDaemon);
  const receivedAt = useLive((state) => state.receivedAt);
  const { ageMs, level } = freshness(receivedAt, useNow(200), daemon?.state);
  if (daemon === undefined) return <span className="pill">no daemon</span>;
  const age = level === 'none' ? 'no data yet' : `data ${formatDuration(ageMs)} old`;
  return (
    <span className={`pill pill-${level}`} title={`${daemon.where}${daemon.error === null ? '' : `\n${daemon.error}`}`}>
      <i className={`dot dot-${daemon.state}`} aria-hidden="true" />
      <strong>{daemon.name}</strong>
      {daemon.name !== KINDS[daemon.kind] && <span className="muted">{KINDS[daemon.kind]}</span>}
      {daemon.state !== 'connected' && <span className="tone-warn">{STATES[daemon.state]}</span>}
      <span className={level === 'stale' ? 'tone-warn' : 'muted'}>
        {level === 'stale' && <span aria-hidden="true">▲ </span>}
        {age}
      </span>
    </span>
  );
}

function RevisionPill() {
  const revision = useConfig((state) => state.revision);
  const image = useLive((state) => state.latest?.image);
  const isStale = useIsStale();
  if (revision === null) return null;
  const isInSync = !isStale && image !== undefined && image.acknowledged >= image.revision;
  const known = isInSync ? 'in sync' : 'workers are taking it over';
  const text = isStale ? 'as last known' : image === undefined ? '' : known;
  return (
    <span className="pill">
      revision <strong>{formatCount(revision)}</strong>
      <span className={isInSync ? 'muted' : 'tone-warn'}>{text}</span>
    </span>
  );
}
