import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, useId, useMemo, useRef, useState } from 'react';
import { isShortcut } from './keys.js';
import type { TableColumn } from './table-column.js';
import { nextSelection, nextSort, RowSorter, type Sort } from './table-model.js';
import { TableRow } from './table-row.js';
import { useLatest } from './use-latest.js';

export interface TableProps<R> {
  readonly label: string;
  readonly columns: readonly TableColumn<R>[];
  readonly rows: readonly R[];
  keyOf(row: R): string;
  readonly selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
  /** Enter or a double click. */
  onOpen?(row: R): void;
  /** Keys beside arrows, Enter and Ctrl+A. @returns whether the key was used */
  onKey?(event: KeyboardEvent, row: R | undefined): boolean;
  rowClass?(row: R): string;
  /** Rows that are shown at most before the table scrolls; by default it fills its parent. */
  readonly maxRows?: number;
}

const ROW_PX = 28;

/** A table of any length, of which only the visible rows exist; one tab stop, arrow keys inside. */
export function Table<R>(props: TableProps<R>) {
  const { label, columns, rows, keyOf, selected, maxRows } = props;
  const [sort, setSort] = useState<Sort | null>(null);
  const [focus, setFocus] = useState(0);
  const anchor = useRef(0);
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const sorter = useRef(new RowSorter());
  const sorted = useMemo(() => {
    const sortBy = columns.find(({ id }) => id === sort?.column)?.sortBy;
    return sort === null || sortBy === undefined ? rows : sorter.current.sort(rows, sortBy, sort.descending);
  }, [rows, columns, sort]);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    // The head stays on top of the rows.
    scrollMargin: ROW_PX,
    scrollPaddingStart: ROW_PX,
  });
  const tracks = columns.map(({ width }) => width).join(' ');
  const at = Math.min(focus, Math.max(0, sorted.length - 1));

  const go = (to: number, how: 'only' | 'toggle' | 'range') => {
    const bounded = Math.max(0, Math.min(sorted.length - 1, to));
    props.onSelect(nextSelection(sorted.map(keyOf), selected, { to: bounded, anchor: anchor.current, how }));
    if (how !== 'range') anchor.current = bounded;
    setFocus(bounded);
    virtual.scrollToIndex(bounded);
  };
  // The same functions in every rendering, or every row would be drawn anew.
  const onRowClick = useLatest((event: MouseEvent, index: number) =>
    go(index, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only'),
  );
  const onRowOpen = useLatest((row: R) => props.onOpen?.(row));
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return;
    const row = sorted[at];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW_PX) / ROW_PX) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -at, End: sorted.length };
    const step = steps[event.key as keyof typeof steps];
    if (step !== undefined) go(selected.size === 0 && step === 1 ? at : at + step, event.shiftKey ? 'range' : 'only');
    // With Ctrl it belongs to the window.
    else if (isShortcut(event, 'Enter') && row !== undefined && props.onOpen !== undefined) props.onOpen(row);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) props.onSelect(new Set(sorted.map(keyOf)));
    else if (!props.onKey?.(event, row)) return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtualiser, which a <table> does not allow
    <div
      ref={scroller}
      className="table"
      role="grid"
      aria-label={label}
      aria-rowcount={sorted.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={sorted.length > 0 ? `${id}-row-${at}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      style={maxRows === undefined ? undefined : { height: `${(Math.min(maxRows, rows.length) + 1) * ROW_PX + 2}px` }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus */}
      <div className="table-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: tracks }}>
        {columns.map((column) => (
          <Heading key={column.id} column={column} sort={sort} onSort={() => setSort(nextSort(sort, column.id))} />
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = sorted[index]!;
          const key = keyOf(row);
          return (
            <TableRow
              key={key}
              id={`${id}-row-${index}`}
              row={row}
              index={index}
              top={start - ROW_PX}
              height={ROW_PX}
              columns={columns}
              tracks={tracks}
              className={`table-row ${index === at ? 'table-focus' : ''} ${props.rowClass?.(row) ?? ''}`}
              isSelected={selected.has(key)}
              onClick={onRowClick}
              onOpen={onRowOpen}
            />
          );
        })}
      </div>
    </div>
  );
}

function Heading<R>({ column, sort, onSort }: { column: TableColumn<R>; sort: Sort | null; onSort(): void }) {
  const isSorted = sort?.column === column.id;
  const direction = isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none';
  const className = column.align === 'end' ? 'cell end' : 'cell';
  if (column.sortBy === undefined) {
    return (
      // biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtualiser, which a <table> does not allow
      // biome-ignore lint/a11y/useFocusableInteractive: nothing to do with it
      <div role="columnheader" className={className}>
        {column.head}
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: the button inside has the focus
    <div role="columnheader" aria-sort={direction} className={className}>
      <button type="button" className="table-sort" onClick={onSort}>
        {column.head}
        <span aria-hidden="true">{isSorted ? (sort.descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </div>
  );
}
