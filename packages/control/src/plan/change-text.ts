import { printable } from '../field.js';

/** `VIP 10.0.0.0/8: newLen 1024 -> 4096`; without an owner the field's name stands alone. */
export function changeText(who: string, field: string, from: unknown, to: unknown): string {
  const begin = who === '' ? field : `${who}: ${field}`;
  if (from === undefined) return `${begin} set to ${valueText(to)}`;
  if (to === undefined) return `${begin} ${valueText(from)} removed`;
  return `${begin} ${valueText(from)} -> ${valueText(to)}`;
}

/** A value of the model on one line. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(', ');
  if (typeof value !== 'object' || value === null) return printable(String(value), 200);
  const given = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return given.map(([key, inner]) => `${key} ${valueText(inner)}`).join(' ');
}

/** `1 AS`, `2 ASs`, `1,024 buckets`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${exact(count)} ${count === 1 ? one : many}`;
}

/** `1,234,567`. */
export function exact(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `6.2 %`, with one decimal; neither 0 for something nor 100 for less than all. */
export function percent(part: number): string {
  if (part > 0 && part < 0.0005) return '<0.1 %';
  if (part < 1 && part >= 0.9995) return '>99.9 %';
  return part === 0 || part === 1 ? `${part * 100} %` : `${(part * 100).toFixed(1)} %`;
}
