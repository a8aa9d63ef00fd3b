import type { VipRef } from '@lb/control';
import { commandLines, isCommandText } from '../stores/index.js';
import { AS_CLIP_TYPE, linesOfClip, readAsRows, readClip } from './as-clip.js';
import { linesOfVipTable } from './vip-clip.js';

/** What is read of a clipboard. */
export type Clipboard = Pick<DataTransfer, 'getData'>;

/**
 * The command lines that pasting means: rows that were copied in the app, or addresses from elsewhere, go to the VIP that is
 * open; command lines are what they say; a table that names its columns makes VIPs.
 * @param into the VIP that is open, if one is
 * @returns undefined if nothing of the kind is on the clipboard
 */
export function pastedLines(clipboard: Clipboard, into: VipRef | undefined): readonly string[] | undefined {
  const text = clipboard.getData('text/plain');
  const clips = into === undefined ? undefined : readClip(clipboard.getData(AS_CLIP_TYPE));
  if (into !== undefined && clips !== undefined) return linesOfClip(into, clips);
  if (isCommandText(text) && commandLines(text).every((line) => /^\s*(#|lb\s|show\s)/.test(line)))
    return commandLines(text);
  const rows = into === undefined ? undefined : readAsRows(text);
  if (into !== undefined && rows !== undefined) return linesOfClip(into, rows);
  return linesOfVipTable(text);
}
