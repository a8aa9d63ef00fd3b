export { Badge, type Tone } from './badge.js';
export { Button, type ButtonProps } from './button.js';
export { CommandBar } from './command-bar.js';
export { Dialog } from './dialog.js';
export { DialogActions } from './dialog-actions.js';
export { EmptyState } from './empty-state.js';
export { ErrorBoundary } from './error-boundary.js';
export { Field, type FieldAttributes } from './field.js';
export {
  countOf,
  formatBits,
  formatCount,
  formatDuration,
  formatMoment,
  formatPercent,
  formatRate,
  formatShort,
  formatTime,
} from './format.js';
export { Kbd } from './kbd.js';
export { isShortcut, type KeyPress } from './keys.js';
export { Menu, type MenuItem } from './menu.js';
export { Figure, Panel } from './panel.js';
export { Split } from './split.js';
export { Table } from './table.js';
export type { TableColumn } from './table-column.js';
export { Tabs } from './tabs.js';
export { useLatest } from './use-latest.js';
