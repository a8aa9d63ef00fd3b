import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Kbd } from './kbd.js';
import { keyShortcuts } from './keys.js';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary` is the one thing to do; `danger` cannot be taken back; `quiet` has no border. */
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet';
  /** Shown behind the label, as `Ctrl K`; the key itself is handled elsewhere. */
  readonly shortcut?: string;
  readonly children: ReactNode;
}

export function Button({ look = 'plain', shortcut, children, className = '', ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button button-${look} ${className}`}
      {...(shortcut !== undefined && { 'aria-keyshortcuts': keyShortcuts(shortcut) })}
      {...rest}
    >
      <span>{children}</span>
      {shortcut !== undefined && <Kbd keys={shortcut} isNamed />}
    </button>
  );
}
