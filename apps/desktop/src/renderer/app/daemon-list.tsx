import { useState } from 'react';
import type { DaemonInfo } from '../../shared/daemon-info.js';
import { useApp, useConnection, useNow, useWanted } from '../stores/index.js';
import { Button } from '../ui/index.js';
import { DaemonDialog } from './daemon-dialog.js';
import { retryText } from './retry-text.js';

/** The daemons, each with how the connection to it is. */
export function DaemonList() {
  const daemons = useConnection((state) => state.daemons);
  /** Id of the daemon that is edited; '' for a new one. */
  const [editing, setEditing] = useState<string | null>(null);
  useWanted('add-daemon', () => setEditing(''));
  return (
    <section aria-label="Daemons">
      <h2 className="nav-title">Daemons</h2>
      {daemons.map((daemon) => (
        <DaemonItem key={daemon.id} daemon={daemon} onEdit={() => setEditing(daemon.id)} />
      ))}
      <Button look="quiet" onClick={() => setEditing('')}>
        Add a daemon…
      </Button>
      {editing !== null && <DaemonDialog {...(editing !== '' && { id: editing })} onClose={() => setEditing(null)} />}
    </section>
  );
}

function DaemonItem({ daemon, onEdit }: { readonly daemon: DaemonInfo; onEdit(): void }) {
  const { stores } = useApp();
  const selected = useConnection((state) => state.selected);
  const { id, name, kind, state, error } = daemon;
  return (
    <div>
      <div className="nav-daemon">
        <button
          type="button"
          className="nav-item"
          aria-current={id === selected ? 'true' : undefined}
          title={error ?? state}
          onClick={() => stores.connection.getState().select(id)}
        >
          <span>
            <i className={`dot dot-${state}`} aria-hidden="true" /> {name}
            {state !== 'connected' && <span className="visually-hidden">, {state}</span>}
          </span>
        </button>
        {kind !== 'embedded' && (
          <Button look="quiet" aria-label={`Edit ${name}`} title={`Edit ${name}`} onClick={onEdit}>
            …
          </Button>
        )}
      </div>
      {state === 'retrying' && <RetryNote daemon={daemon} />}
      {state === 'connected' && error !== null && <p className="nav-note muted">{error}</p>}
    </div>
  );
}

function RetryNote({ daemon: { error, retryAt } }: { readonly daemon: DaemonInfo }) {
  const now = useNow(1000);
  return (
    <div className="nav-note">
      <p className="nav-reason tone-warn" title={error ?? ''}>
        {error}
      </p>
      {retryAt !== null && <p className="muted">{retryText(retryAt, now)}</p>}
    </div>
  );
}
