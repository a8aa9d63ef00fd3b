import type { ReactNode } from 'react';
import type { SortValue } from './table-model.js';

/** What a table shows of a row in one place. */
export interface TableColumn<R> {
  readonly id: string;
  readonly head: string;
  /** CSS grid track, as `minmax(8rem, 1fr)`. */
  readonly width: string;
  readonly align?: 'end';
  cell(row: R): ReactNode;
  /** Without it the column cannot be sorted. */
  sortBy?(row: R): SortValue;
}
