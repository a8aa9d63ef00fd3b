import { type Problem, problemText } from '@lb/control';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { commandLines, isCommandText, useApp, useConfig } from '../stores/index.js';
import { countOf, Dialog, Kbd } from '../ui/index.js';
import { type PaletteAction, type PaletteItem, paletteItems } from './palette-items.js';
import { VIEW_ENTRIES } from './views.js';

/** Search of views, VIPs and actions; takes command lines as well, and stages them. */
export function Palette({ actions: always }: { readonly actions: readonly PaletteAction[] }) {
  const { stores, actions: can } = useApp();
  // What the view behind it offered when it was opened.
  const [offered] = useState(() => stores.offers.now());
  const actions = useMemo(() => [...offered, ...always], [offered, always]);
  const list = useRef<HTMLDivElement>(null);
  const vips = useConfig((state) => state.config?.vips);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const items = useMemo(
    () => (isCommandText(text) ? [] : paletteItems(text, { views: VIEW_ENTRIES, actions, vips: vips ?? [] })),
    [text, actions, vips],
  );
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const close = () => stores.view.getState().setPaletteOpen(false);
  const run = (item: PaletteItem) => {
    close();
    const view = stores.view.getState();
    if (item.kind === 'view') view.show(item.view);
    if (item.kind === 'vip') {
      view.selectVip(item.vip);
      view.show('vips');
    }
    if (item.kind === 'action') item.run();
  };
  const stageText = () => {
    if (stores.staged.getState().base === null) return can.complain('The configuration is not known yet.');
    const lines = commandLines(text);
    const found = can.stageLines(lines);
    setProblems(found);
    if (found.length > 0) return;
    can.say(`${countOf(lines.length, 'line')} staged`);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && items.length > 0) setAt((at + step + items.length) % items.length);
    else if (event.key === 'Enter' && !event.shiftKey) {
      const item = items[at];
      if (isCommandText(text)) stageText();
      else if (item !== undefined) run(item);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Dialog title="Search or run a command" className="palette" onClose={close}>
      <textarea
        autoFocus
        rows={Math.min(12, text.split('\n').length)}
        value={text}
        placeholder="A view, a VIP, an action, or command lines: lb as 90.0.0.0/8 10.0.0.1 drain"
        aria-label="Search, or command lines"
        role="combobox"
        aria-expanded={items.length > 0}
        aria-controls="palette-list"
        aria-activedescendant={items.length > 0 ? `palette-${at}` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
          setProblems([]);
        }}
        onKeyDown={onKeyDown}
      />
      {isCommandText(text) && (
        <div className="palette-problems">
          <Kbd keys="Enter" /> stages the lines; nothing is applied yet. <Kbd keys="Shift Enter" /> begins another line.
          {problems.map((problem) => (
            <p key={problemText(problem)} className="tone-bad" role="alert">
              {problemText(problem)}
            </p>
          ))}
        </div>
      )}
      <div ref={list} id="palette-list" className="palette-list" role="listbox" aria-label="Matches">
        {items.map((item, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keys
          <div
            key={item.key}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === at}
            tabIndex={-1}
            className="palette-item"
            onClick={() => run(item)}
          >
            {item.text}
            {item.kind !== 'vip' && item.shortcut !== undefined && <Kbd keys={item.shortcut} />}
          </div>
        ))}
        {items.length === 0 && !isCommandText(text) && <p className="muted palette-none">Nothing has these words.</p>}
      </div>
    </Dialog>
  );
}
