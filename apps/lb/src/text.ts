/** Numbers and bars as people read them. */

/** `999`, `12.3 k`, `4.56 M`: three digits that count. */
export function countText(count: number): string {
  const units = ['', ' k', ' M', ' G', ' T'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return String(Math.round(value));
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)}${units[unit]}`;
}

/** `1,234,567`. */
export function exactText(count: number): string {
  return count.toLocaleString('en-US');
}

/** `12.3 MB`, in powers of 1000. */
export function sizeText(bytes: number): string {
  return bytes < 1000 ? `${bytes} bytes` : `${countText(bytes)}B`;
}

/** `1 packet`, `2 packets`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${exactText(count)} ${count === 1 ? one : many}`;
}

/** `20.02 %`. */
export function percentText(part: number, decimals = 2): string {
  return `${(part * 100).toFixed(decimals)} %`;
}

/** `00:01:23`. */
export function durationText(totalSeconds: number): string {
  const whole = Math.floor(totalSeconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of up to `width` characters for a part (0 to 1) of the whole, to an eighth of a character. */
export function bar(part: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, part)) * width * 8);
  return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7];
}

/** `2026-11-22 18:45:02`, in the time zone of the reader. */
export function momentText(moment: string): string {
  const date = new Date(moment);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
