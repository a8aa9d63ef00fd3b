import type { ReactElement } from 'react';
import { type AsColor, rgbOf } from './as-colors.js';
import { cssColor, GROUND, NO_SERVER, type Theme } from './palette.js';

const SIZE = 10;

/** The colour of an AS as a small square; the name of the AS stands beside it. Without a colour: no server. */
export function Swatch({ color, theme }: { readonly color: AsColor | undefined; readonly theme: Theme }): ReactElement {
  const fill = cssColor(color === undefined ? NO_SERVER[theme] : rgbOf(color, theme));
  return (
    <svg className="swatch" width={SIZE} height={SIZE} viewBox="0 0 10 10" aria-hidden="true">
      <rect width="10" height="10" rx="2" fill={fill} />
      {color !== undefined && color.round > 0 && <Mark round={color.round} stroke={cssColor(GROUND[theme])} />}
    </svg>
  );
}

/** Tells ASs of the same place in the palette apart: a bar, a cross, a dot, and from then on the number of the round. */
function Mark({ round, stroke }: { readonly round: number; readonly stroke: string }): ReactElement {
  if (round === 1) return <path d="M1 9 9 1" stroke={stroke} strokeWidth="2" />;
  if (round === 2) return <path d="M2 2l6 6M2 8l6-6" stroke={stroke} strokeWidth="1.5" />;
  if (round === 3) return <circle cx="5" cy="5" r="2" fill={stroke} />;
  return (
    <text x="5" y="8" textAnchor="middle" fontSize="8" fill={stroke}>
      {round}
    </text>
  );
}
