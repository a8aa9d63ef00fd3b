import { type MouseEvent, memo } from 'react';
import type { TableColumn } from './table-column.js';

export interface TableRowProps<R> {
  readonly id: string;
  readonly row: R;
  /** Place among the rows. */
  readonly index: number;
  /** Distance from the first row, in pixels. */
  readonly top: number;
  readonly height: number;
  readonly columns: readonly TableColumn<R>[];
  /** CSS grid tracks of the columns. */
  readonly tracks: string;
  readonly className: string;
  readonly isSelected: boolean;
  onClick(event: MouseEvent, index: number): void;
  onOpen(row: R): void;
}

/** A row of a table; it is drawn anew only when something of it is another, so that scrolling draws the new ones alone. */
export const TableRow = memo(function TableRow<R>(props: TableRowProps<R>) {
  const { id, row, index, top, height, columns, tracks, className, isSelected, onClick, onOpen } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtualiser, which a <table> does not allow
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      className={className}
      style={{ gridTemplateColumns: tracks, transform: `translateY(${top}px)`, height }}
      onClick={(event) => onClick(event, index)}
      onDoubleClick={() => onOpen(row)}
    >
      {columns.map((column) => (
        // biome-ignore lint/a11y/useSemanticElements: see above
        // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
        <div key={column.id} role="gridcell" className={column.align === 'end' ? 'cell end' : 'cell'}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}) as <R>(props: TableRowProps<R>) => React.JSX.Element;
