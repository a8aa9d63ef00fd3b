import type { Colors } from '../streams.js';

/** Cells of a server's line, as plain text. */
export interface AsCells {
  readonly address: string;
  readonly weight: string;
  readonly bar: string;
  readonly share: string;
  readonly rate: string;
  readonly flows: string;
}

const INDENT = 2;
const GAP = 2;
const WIDTHS = { weight: 6, share: 7, rate: 9, flows: 10 } as const;
type Optional = keyof typeof WIDTHS;
const MIN_BAR = 8;
const MAX_BAR = 48;
/** What a narrow terminal does without, first to last. */
const DISPENSABLE: readonly Optional[] = ['weight', 'flows', 'rate', 'share'];

/** Columns of the servers' lines for a terminal of a given width; the lines of the VIPs share the last two. */
export class AsColumns {
  readonly barWidth: number;
  private readonly kept: ReadonlySet<Optional>;

  constructor(
    readonly width: number,
    private readonly addressWidth: number,
  ) {
    const kept = new Set<Optional>(['weight', 'share', 'rate', 'flows']);
    const rest = () =>
      width - INDENT - addressWidth - GAP - [...kept].reduce((sum, name) => sum + WIDTHS[name] + GAP, 0);
    for (const name of DISPENSABLE) if (rest() < MIN_BAR) kept.delete(name);
    this.kept = kept;
    this.barWidth = Math.max(0, Math.min(MAX_BAR, rest()));
  }

  line(cells: AsCells, colors: Colors): string {
    return this.join(cells, colors.cyan);
  }

  titles(): string {
    const texts = {
      address: 'server',
      weight: 'weight',
      bar: 'buckets',
      share: 'share',
      rate: 'packets',
      flows: 'flows',
    };
    return this.join(texts, (bar) => bar).trimEnd();
  }

  private join({ address, weight, bar, share, rate, flows }: AsCells, paint: (bar: string) => string): string {
    if (this.width <= INDENT) return '';
    const addressWidth = Math.min(this.addressWidth, this.width - INDENT);
    return [
      ' '.repeat(INDENT) + fitText(address, addressWidth).padEnd(addressWidth),
      this.cell('weight', weight),
      this.barWidth > 0 ? ' '.repeat(GAP) + paint(fitText(bar, this.barWidth).padEnd(this.barWidth)) : '',
      this.cell('share', share),
      this.cell('rate', rate),
      this.cell('flows', flows),
    ].join('');
  }

  /** The two last cells of a VIP's line, and how much room is before them. */
  headCells(rate: string, flows: string): { rest: number; rateText: string; flowsText: string } {
    const rateText = this.cell('rate', rate);
    const flowsText = this.cell('flows', flows);
    return { rest: Math.max(0, this.lineWidth() - rateText.length - flowsText.length), rateText, flowsText };
  }

  private lineWidth(): number {
    const cells = [...this.kept].reduce((sum, name) => sum + WIDTHS[name] + GAP, 0);
    return Math.min(this.width, INDENT + this.addressWidth + (this.barWidth > 0 ? GAP + this.barWidth : 0) + cells);
  }

  private cell(name: Optional, text: string): string {
    return this.kept.has(name) ? ' '.repeat(GAP) + fitText(text, WIDTHS[name]).padStart(WIDTHS[name]) : '';
  }
}

export function asColumns(ass: readonly { readonly address: string }[], width: number): AsColumns {
  const longest = ass.reduce((most, { address }) => Math.max(most, address.length), 0);
  return new AsColumns(width, Math.max(longest, 'server'.length));
}

/** The text, cut with an ellipsis where it is too wide. */
export function fitText(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 0 ? '' : `${text.slice(0, width - 1)}…`;
}
