/** How numbers read, in the locale of the window. Null is "not known" and never 0. */

const UNKNOWN = '–';
/** That of the page, which need not be that of the JavaScript engine. */
const LOCALE = globalThis.navigator?.language;
const exactFormat = new Intl.NumberFormat(LOCALE);
const threeDigits = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });
const timeFormat = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const momentFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'medium' });

/** `1,234,567`. */
export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : exactFormat.format(value);
}

const STEPS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** For reading, not for comparing: `4.81 M`, `312 k`, `87`. The exact number belongs in the title. */
export function formatShort(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  // What would round up to 1000 belongs to the next step.
  const [size, letter] = STEPS.find(([step]) => Math.abs(value) >= step * 0.9995) ?? [1, ''];
  const digits = threeDigits.format(value / size);
  return letter === '' ? digits : `${digits} ${letter}`;
}

/** Packets, flows, … in a second: `312 k/s`. */
export function formatRate(perSec: number | null | undefined): string {
  return perSec === null || perSec === undefined ? UNKNOWN : `${formatShort(perSec)}/s`;
}

/** Bytes in a second as `1.2 Gbit/s`. */
export function formatBits(bytesPerSec: number | null | undefined): string {
  if (bytesPerSec === null || bytesPerSec === undefined) return UNKNOWN;
  const short = formatShort(bytesPerSec * 8);
  return `${short}${short.includes(' ') ? '' : ' '}bit/s`;
}

/** A part of 1 as `6.25 %`; neither 0 for something nor 100 for less than all. */
export function formatPercent(part: number | null | undefined, digits = 2): string {
  if (part === null || part === undefined) return UNKNOWN;
  const least = 10 ** -digits;
  const percent = part * 100;
  const { format } = fractionFormat(digits);
  if (percent > 0 && percent < least / 2) return `< ${format(least)} %`;
  if (percent < 100 && percent > 100 - least / 2) return `> ${format(100 - least)} %`;
  return `${format(percent)} %`;
}

/** To make one takes longer than to use it a hundred times. */
const fractionFormats = new Map<number, Intl.NumberFormat>();

function fractionFormat(maximumFractionDigits: number): Intl.NumberFormat {
  const known = fractionFormats.get(maximumFractionDigits);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(LOCALE, { maximumFractionDigits });
  fractionFormats.set(maximumFractionDigits, made);
  return made;
}

/** How long ago, or how long: `0.4 s`, `12 s`, `4 min`, `2 h`, `3 d`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN;
  const seconds = ms / 1000;
  if (seconds < 10) return `${fractionFormat(1).format(seconds)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Time of day. @param at ISO 8601, or ms */
export function formatTime(at: string | number): string {
  return timeFormat.format(new Date(at));
}

/** Date and time. @param at ISO 8601, or ms */
export function formatMoment(at: string | number): string {
  return momentFormat.format(new Date(at));
}

/** `1 AS`, `2 ASs`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
