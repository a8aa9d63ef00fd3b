import type { ClipboardEvent } from 'react';
import { isTextField } from '../app/shortcuts.js';
import { commandLines, useApp } from '../stores/index.js';
import { countOf } from '../ui/index.js';

/** Copies selected rows as command lines, and stages pasted lines. @param text undefined: nothing is selected */
export function useRowClipboard(text: () => string | undefined) {
  const { actions } = useApp();
  const onCopy = (event: ClipboardEvent) => {
    const copied = isTextField(event.target) ? undefined : text();
    if (copied === undefined) return;
    event.clipboardData.setData('text/plain', copied);
    event.preventDefault();
    actions.say(`${countOf(commandLines(copied).length, 'line')} copied`);
  };
  const onPaste = (event: ClipboardEvent) => {
    if (isTextField(event.target)) return;
    event.preventDefault();
    const lines = commandLines(event.clipboardData.getData('text/plain'));
    if (lines.length === 0) return;
    const [problem] = actions.stageLines(lines);
    if (problem === undefined) actions.say(`${countOf(lines.length, 'line')} staged`);
    else actions.say(`Not staged: ${problem.line === undefined ? '' : `line ${problem.line}: `}${problem.message}`);
  };
  return { onCopy, onPaste };
}
