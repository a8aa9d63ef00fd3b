import { type VipPlan, vipId } from '@lb/control';
import { useId, useMemo } from 'react';
import { type AsColor, cssColor, NO_SERVER, rgbOf, type Theme, useColorsOf, useTheme } from '../colors/index.js';
import { formatCount, formatShort } from '../ui/index.js';
import { foldMoves, moveMatrix, type Party, type PartyMove } from './moves.js';
import { type Bar, layoutMoves } from './sankey-layout.js';
import './whatif.css';

const LEAST_WIDTH = 300;
const LEAST_BANDS = 70;
const LETTER_PX = 6.1;
const ROW_PX = 17;
const MOST_PARTIES = 16;

/** Where buckets of a VIP go, as bands between those that lose them and those that get them. */
export function MovesDiagram({ plan }: { readonly plan: VipPlan }) {
  const theme = useTheme();
  const title = useId();
  const colors = useColorsOf()(vipId(plan.vip));
  const moves = useMemo(() => foldMoves(plan.moves, MOST_PARTIES), [plan]);
  const sides = Math.max(new Set(moves.map(({ from }) => from)).size, new Set(moves.map(({ to }) => to)).size);
  const height = Math.max(60, sides * ROW_PX);
  const names = moves.flatMap(({ from, to }) => [from.name, to.name]);
  // A name with its number of buckets, which is shortened.
  const namesPx = (Math.max(...names.map(({ length }) => length)) + 8) * LETTER_PX;
  const bandsPx = Math.max(LEAST_BANDS, LEAST_WIDTH - 2 * namesPx);
  const { bars, bands } = useMemo(() => layoutMoves(moves, bandsPx, height), [moves, bandsPx, height]);
  const fill = (party: Party): string => colorOf(party, colors, theme);
  return (
    <>
      <svg className="moves" viewBox={`0 0 ${bandsPx + 2 * namesPx} ${height}`} role="img" aria-labelledby={title}>
        <title id={title}>
          {`${formatCount(plan.moved)} buckets move; the table after this picture has all numbers`}
        </title>
        <g transform={`translate(${namesPx} 0)`}>
          {bands.map(({ id, from, to, buckets, path, width }) => (
            <path
              key={id}
              d={path}
              fill="none"
              stroke={fill(to.kind === 'as' ? to : from)}
              strokeOpacity="0.45"
              strokeWidth={width}
            >
              <title>{`${from.name} → ${to.name}: ${formatCount(buckets)} buckets`}</title>
            </path>
          ))}
          {bars.map((bar) => (
            <BarWithName key={bar.id} bar={bar} fill={fill(bar.party)} />
          ))}
        </g>
      </svg>
      <MovesTable moves={moves} />
    </>
  );
}

function BarWithName({ bar, fill }: { readonly bar: Bar; readonly fill: string }) {
  const { side, x, y, width, height, party, buckets } = bar;
  const isFrom = side === 'from';
  return (
    <>
      <rect x={x} y={y} width={width} height={height} fill={fill} />
      <text x={isFrom ? x - 4 : x + width + 4} y={y + height / 2} dy="0.35em" textAnchor={isFrom ? 'end' : 'start'}>
        {party.name} <tspan className="moves-count">{formatShort(buckets)}</tspan>
      </text>
    </>
  );
}

function colorOf({ kind, name }: Party, colors: ReadonlyMap<string, AsColor>, theme: Theme): string {
  if (kind === 'others') return 'var(--border-strong)';
  const color = kind === 'as' ? colors.get(name) : undefined;
  return cssColor(color === undefined ? NO_SERVER[theme] : rgbOf(color, theme));
}

/** The diagram in numbers, for screen readers. */
function MovesTable({ moves }: { readonly moves: readonly PartyMove[] }) {
  const { from, to, buckets } = moveMatrix(moves);
  return (
    <div className="visually-hidden">
      <table>
        <caption>Buckets that move, from the AS of the row to the AS of the column</caption>
        <thead>
          <tr>
            <th scope="col">from</th>
            {to.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {from.map((name, row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {to.map((other, column) => (
                <td key={other}>{formatCount(buckets[row]![column]!)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
