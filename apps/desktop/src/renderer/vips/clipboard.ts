import { useEffect, useRef } from 'react';
import { isTextField } from '../app/shortcuts.js';
import { useApp, vipOnScreen } from '../stores/index.js';
import { countOf } from '../ui/index.js';
import { pastedLines } from './paste.js';

/** Rows for the clipboard, by type. */
export interface RowCopy {
  readonly types: Readonly<Record<string, string>>;
  readonly count: number;
}

/**
 * Copies the rows that are selected in the view, unless text is: then that is meant.
 * @param rows undefined: none is selected
 */
export function useRowCopy(rows: () => RowCopy | undefined): void {
  const { actions } = useApp();
  const latest = useRef(rows);
  useEffect(() => {
    latest.current = rows;
  });
  useEffect(() => {
    // On the window, since without selected text a copy begins at the body, whatever has the focus.
    const onCopy = (event: ClipboardEvent) => {
      const hasText = isTextField(document.activeElement) || window.getSelection()?.isCollapsed === false;
      const copied = hasText ? undefined : latest.current();
      if (copied === undefined || event.clipboardData === null || hasDialog()) return;
      for (const [type, text] of Object.entries(copied.types)) event.clipboardData.setData(type, text);
      event.preventDefault();
      actions.say(`${countOf(copied.count, 'row')} copied`);
    };
    window.addEventListener('copy', onCopy);
    return () => window.removeEventListener('copy', onCopy);
  }, [actions]);
}

/** A dialog has the window to itself. */
function hasDialog(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

/** Stages what is pasted anywhere but in a text field: rows go to the VIP that is open, command lines are what they say. */
export function usePaste(): void {
  const { stores, actions } = useApp();
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (event.clipboardData === null || isTextField(document.activeElement) || hasDialog()) return;
      event.preventDefault();
      if (stores.staged.getState().base === null) return actions.complain('The configuration is not known yet.');
      const lines = pastedLines(event.clipboardData, vipOnScreen(stores));
      if (lines === undefined || lines.length === 0) {
        return actions.complain('There are neither rows nor command lines on the clipboard.');
      }
      const [problem] = actions.stageLines(lines);
      if (problem === undefined) return actions.say(`${countOf(lines.length, 'line')} staged`);
      const place = lines.length === 1 || problem.line === undefined ? '' : `line ${problem.line}: `;
      actions.complain(`Nothing was staged: ${place}${problem.message}`);
    };
    window.addEventListener('paste', onPaste);
    return () => window.removeEventListener('paste', onPaste);
  }, [stores, actions]);
}
