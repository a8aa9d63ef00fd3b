import { ratePerSec, useLive, useView, type ViewState } from '../stores/index.js';
import { formatCount, formatPercent, formatRate, Kbd } from '../ui/index.js';
import { SHORTCUTS } from './shortcuts.js';
import { workerLoads } from './worker-load.js';

const ALWAYS = [
  [SHORTCUTS.undo, 'undo'],
  [SHORTCUTS.help, 'all keys'],
] as const;
const SELECT = ['↑↓', 'select'] as const;
const EDIT = ['E', 'edit'] as const;
const ADD = ['A', 'add'] as const;
const IN_LIST = [SELECT, ['Enter', 'open'], ADD, EDIT, ['Del', 'remove']] as const;
const IN_VIP = [SELECT, ADD, EDIT, ['D', 'drain'], ['Del', 'remove']] as const;

function keysOf({ view, vip }: ViewState): readonly (readonly [string, string])[] {
  if (view !== 'vips') return ALWAYS;
  return [...(vip === null ? IN_LIST : IN_VIP), ...ALWAYS];
}

/** Keys of the view, what was said last, and how the workers are. */
export function BottomBar({ said }: { readonly said: string }) {
  const view = useView((state) => state);
  return (
    <footer className="bottom-bar">
      {keysOf(view).map(([keys, text]) => (
        <span key={keys}>
          <Kbd keys={keys} /> {text}
        </span>
      ))}
      <output className="said">{said}</output>
      <span className="spacer" />
      <Workers />
    </footer>
  );
}

function Workers() {
  const samples = useLive((state) => state.samples);
  const dropped = samples.at(-1)?.sample.dropped;
  return (
    <>
      {workerLoads(samples).map(({ worker, load }) => (
        <span key={worker}>
          worker {worker}: {formatPercent(load, 0)}
        </span>
      ))}
      <span title={`${formatCount(dropped)} since the daemon started`}>
        drops: {formatRate(ratePerSec(samples, (sample) => sample.dropped))}
      </span>
    </>
  );
}
