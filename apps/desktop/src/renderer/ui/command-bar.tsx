import { Button } from './button.js';
import { Menu, type MenuItem } from './menu.js';

export interface CommandBarProps {
  readonly label: string;
  readonly commands: readonly MenuItem[];
  /** Those that are needed seldom, in a menu. */
  readonly more?: readonly MenuItem[];
}

/** Buttons of a toolbar, each with its shortcut. */
export function CommandBar({ label, commands, more = [] }: CommandBarProps) {
  return (
    <div className="command-bar" role="toolbar" aria-label={label}>
      {commands.map(({ text, shortcut, disabled, title, run }) => (
        <Button
          key={text}
          {...(shortcut !== undefined && { shortcut })}
          disabled={disabled}
          title={title}
          onClick={run}
        >
          {text}
        </Button>
      ))}
      {more.length > 0 && <Menu label="More" items={more} disabled={more.every((item) => item.disabled === true)} />}
    </div>
  );
}
