import { Dialog, Kbd } from '../ui/index.js';
import { SHORTCUTS, VIEW_KEYS } from './shortcuts.js';
import { VIEW_ENTRIES } from './views.js';

const GROUPS: readonly { readonly title: string; readonly keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Anywhere',
    keys: [
      [SHORTCUTS.palette, 'search, or run a command'],
      [SHORTCUTS.apply, 'apply the staged change'],
      [SHORTCUTS.undo, 'undo an edit'],
      [SHORTCUTS.redo, 'redo it'],
      ['Ctrl V', 'stage what is on the clipboard'],
      [SHORTCUTS.help, 'this list'],
    ],
  },
  { title: 'Views', keys: VIEW_ENTRIES.map(({ view, title }) => [VIEW_KEYS[view], title] as const) },
  {
    title: 'Tables',
    keys: [
      ['↑ ↓', 'go through the rows'],
      ['Shift ↑ ↓', 'select several'],
      ['Ctrl A', 'select all'],
      ['Ctrl C', 'copy as lines and as a table'],
      ['Enter', 'open or edit'],
    ],
  },
  {
    title: 'VIPs and ASs',
    keys: [
      ['A', 'add'],
      ['E', 'edit what is selected'],
      ['D', 'drain'],
      ['Shift D', 'drain with a deadline'],
      ['Del', 'remove'],
      ['Esc', 'back to all VIPs'],
    ],
  },
  {
    title: 'Buckets',
    keys: [
      ['↑ ↓ ← →', 'go through the buckets'],
      ['+', 'closer'],
      ['-', 'farther'],
      ['0', 'all of them'],
      ['Enter', 'list the flows of a bucket'],
    ],
  },
];

/** All shortcuts; each stands at its action as well. */
export function ShortcutsHelp({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div className="shortcut-groups">
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, text]) => (
                <div key={key}>
                  <dt>
                    <Kbd keys={key} />
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
