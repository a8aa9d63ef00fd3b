import { type AsConfig, FIELDS, formatAss, type VipRef } from '@lb/control';
import { asLine } from '../stores/index.js';

/** What is copied of an AS: all that means the same in another VIP. */
export type AsClip = Pick<AsConfig, 'address' | 'weight' | 'state'>;

/** Of the app's own on the clipboard, so that rows land in the VIP that they are pasted into. */
export const AS_CLIP_TYPE = 'application/x-lb-ass';

/** ASs for the clipboard, by type: as command lines for text, as a table for spreadsheets, as they are for the app. */
export function clipAss(vip: VipRef, ass: readonly AsConfig[]): Readonly<Record<string, string>> {
  const clips = ass.map(({ address, weight, state }): AsClip => ({ address, weight, state }));
  return {
    'text/plain': `${formatAss(vip, ass).join('\n')}\n`,
    'text/html': htmlTable([HEAD, ...clips.map((clip) => HEAD.map((name) => String(clip[name])))]),
    [AS_CLIP_TYPE]: JSON.stringify(clips),
  };
}

const HEAD = ['address', 'weight', 'state'] as const;

/** Cells without anything that HTML takes for its own. */
export function htmlTable(rows: readonly (readonly string[])[]): string {
  const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const line = (cells: readonly string[]) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
  return `<table>${rows.map(line).join('')}</table>`;
}

/** Reads what the app put on the clipboard. @returns undefined if it is something else */
export function readClip(json: string): readonly AsClip[] | undefined {
  try {
    const clips = JSON.parse(json) as unknown;
    if (!Array.isArray(clips) || clips.length === 0) return undefined;
    return clips.map((clip: Readonly<Record<string, unknown>>) => rowOf(HEAD.map((name) => String(clip[name]))));
  } catch {
    return undefined;
  }
}

/**
 * Reads rows of a spreadsheet or a list: an address, then perhaps a weight and a state, between tabs, commas, semicolons or
 * spaces. A first row of headings is left out.
 * @returns undefined if the text is something else
 */
export function readAsRows(text: string): readonly AsClip[] | undefined {
  const rows = text
    .split(/\r?\n/)
    .map((line) => line.split(/[\t,;\s]+/).filter(Boolean))
    .filter((cells) => cells.length > 0);
  if (rows[0]?.[0]?.toLowerCase() === 'address') rows.shift();
  if (rows.length === 0) return undefined;
  try {
    return rows.map(rowOf);
  } catch {
    return undefined;
  }
}

/** @throws RangeError if a cell is something else than what belongs there */
function rowOf([address = '', weight = '100', state = 'enabled', ...more]: readonly string[]): AsClip {
  const { min, max } = FIELDS.weight;
  const isWeight = /^\d{1,3}$/.test(weight) && Number(weight) >= min && Number(weight) <= max;
  const known = FIELDS.state.choices.find((choice) => choice === state.toLowerCase());
  if (!isWeight || known === undefined || more.length > 0) throw new RangeError('not the row of an AS');
  // It throws an error of its own for what is no address.
  return { address: FIELDS.address.canonical(address), weight: Number(weight), state: known };
}

/** The lines that give a VIP these ASs; those that it has already get the same weight and state. */
export function linesOfClip(vip: VipRef, clips: readonly AsClip[]): readonly string[] {
  const runs: { readonly weight: number; readonly state: AsConfig['state']; readonly addresses: string[] }[] = [];
  for (const { address, weight, state } of clips) {
    const last = runs.at(-1);
    if (last?.weight === weight && last.state === state) last.addresses.push(address);
    else runs.push({ weight, state, addresses: [address] });
  }
  return runs.map(({ weight, state, addresses }) => asLine(vip, addresses, { weight, state }));
}
