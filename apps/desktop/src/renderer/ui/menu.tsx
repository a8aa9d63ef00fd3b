import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Kbd } from './kbd.js';
import { keyShortcuts } from './keys.js';

export interface MenuItem {
  readonly text: string;
  readonly shortcut?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly title?: string | undefined;
  run(): void;
}

export interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly disabled?: boolean;
}

/** A button that opens a list of actions: arrow keys go through it, Escape closes it and gives the focus back. */
export function Menu({ label, items, disabled }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ readonly top: number; readonly right: number } | null>(null);
  const isOpen = place !== null;
  useEffect(() => {
    if (isOpen) list.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, [isOpen]);
  const open = () => {
    const { bottom, right } = button.current!.getBoundingClientRect();
    setPlace({ top: bottom + 4, right: Math.max(4, document.documentElement.clientWidth - right) });
  };
  const close = () => {
    setPlace(null);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const entries = [...list.current!.querySelectorAll<HTMLElement>('[role=menuitem]')];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length, Home: 0, End: entries.length - 1 }[event.key];
    if (to !== undefined) entries[to % entries.length]?.focus();
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="button button-plain"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        disabled={disabled}
        onClick={open}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          open();
        }}
      >
        <span>{label}</span>
        <span className="menu-mark" aria-hidden="true">
          ▾
        </span>
      </button>
      {isOpen &&
        createPortal(
          <div
            ref={list}
            id={id}
            className="menu"
            role="menu"
            tabIndex={-1}
            aria-label={label}
            style={place}
            onKeyDown={onKeyDown}
            onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setPlace(null)}
          >
            {items.map(({ text, shortcut, title, disabled: isOff, run }) => (
              <button
                key={text}
                type="button"
                role="menuitem"
                tabIndex={-1}
                className="menu-item"
                title={title}
                aria-disabled={isOff}
                {...(shortcut !== undefined && { 'aria-keyshortcuts': keyShortcuts(shortcut) })}
                onClick={() => {
                  if (isOff) return;
                  close();
                  run();
                }}
              >
                <span>{text}</span>
                {shortcut !== undefined && <Kbd keys={shortcut} isNamed />}
              </button>
            ))}
          </div>,
          // A view is a box of its own, in which "fixed" would mean something else.
          document.body,
        )}
    </>
  );
}
