import { useMemo, useState } from 'react';
import { useApp, useConfig, useConnection, useLive, useStaged, useView } from '../stores/index.js';
import { Button, formatCount, formatShort } from '../ui/index.js';
import { AddDaemon } from './add-daemon.js';
import { VIEW_GROUPS, type ViewEntry } from './views.js';

/** The views with counts of what is in them, and the daemons. */
export function Nav() {
  const counts = useCounts();
  return (
    <nav className="nav" aria-label="Views">
      {VIEW_GROUPS.map(({ title, views }) => (
        <div key={title}>
          <h2 className="nav-title">{title}</h2>
          {views.map((entry) => (
            <NavItem key={entry.view} entry={entry} count={counts[entry.view]} />
          ))}
        </div>
      ))}
      <Daemons />
    </nav>
  );
}

type Counts = { readonly [view: string]: { readonly text: string; readonly tone: string } | undefined };

function useCounts(): Counts {
  const vips = useConfig((state) => state.config?.vips.length);
  const flows = useLive((state) => state.latest?.flows);
  const sampled = useLive((state) => state.latest?.vips);
  const failing = useMemo(() => sampled && countFailing(sampled), [sampled]);
  const edits = useStaged((state) => state.edits.length);
  return {
    vips: vips === undefined ? undefined : { text: formatCount(vips), tone: 'muted' },
    flows: flows === undefined ? undefined : { text: formatShort(flows), tone: 'muted' },
    health: failing ? { text: formatCount(failing), tone: 'tone-warn' } : undefined,
    staged: edits > 0 ? { text: formatCount(edits), tone: 'tone-accent' } : undefined,
  };
}

function countFailing(vips: readonly { readonly ass: readonly { readonly health: string }[] }[]): number {
  let failing = 0;
  for (const { ass } of vips) for (const { health } of ass) if (health === 'failing') failing++;
  return failing;
}

function NavItem({ entry, count }: { entry: ViewEntry; count: Counts[string] }) {
  const { stores } = useApp();
  const isCurrent = useView(({ view }) => view === entry.view);
  return (
    <button
      type="button"
      className="nav-item"
      aria-current={isCurrent ? 'page' : undefined}
      onClick={() => stores.view.getState().show(entry.view)}
    >
      <span>{entry.title}</span>
      {count !== undefined && <span className={count.tone}>{count.text}</span>}
    </button>
  );
}

function Daemons() {
  const { stores, bridge } = useApp();
  const daemons = useConnection((state) => state.daemons);
  const selected = useConnection((state) => state.selected);
  const [adding, setAdding] = useState(false);
  const remove = async (id: string) => {
    await bridge.call('daemons.remove', { id });
    stores.connection.getState().setDaemons(await bridge.call('daemons.list', {}));
  };
  return (
    <div>
      <h2 className="nav-title">Daemons</h2>
      {daemons.map(({ id, name, kind, state, error }) => (
        <div key={id} className="nav-daemon">
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
            <Button look="quiet" aria-label={`Forget ${name}`} title={`Forget ${name}`} onClick={() => void remove(id)}>
              ×
            </Button>
          )}
        </div>
      ))}
      <Button look="quiet" onClick={() => setAdding(true)}>
        Add a daemon…
      </Button>
      {adding && <AddDaemon onClose={() => setAdding(false)} />}
    </div>
  );
}
