import { useMemo } from 'react';
import { useApp, useConfig, useLive, useStaged, useView } from '../stores/index.js';
import { formatCount, formatShort } from '../ui/index.js';
import { DaemonList } from './daemon-list.js';
import { VIEW_KEYS } from './shortcuts.js';
import { ThemeChoice } from './theme-choice.js';
import { useIsStale } from './use-is-stale.js';
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
      <DaemonList />
      <ThemeChoice />
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
  const age = useIsStale() ? ' nav-stale' : '';
  return {
    vips: vips === undefined ? undefined : { text: formatCount(vips), tone: `muted${age}` },
    flows: flows === undefined ? undefined : { text: formatShort(flows), tone: `muted${age}` },
    health: failing ? { text: formatCount(failing), tone: `tone-warn${age}` } : undefined,
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
      title={VIEW_KEYS[entry.view]}
      onClick={() => stores.view.getState().show(entry.view)}
    >
      <span>{entry.title}</span>
      {count !== undefined && <span className={count.tone}>{count.text}</span>}
    </button>
  );
}
