import { type VipConfig, vipId } from '@lb/control';
import { useMemo } from 'react';
import { Swatch, useColorsOf, useTheme } from '../colors/index.js';
import { type Command, useApp, weightLine } from '../stores/index.js';
import {
  Badge,
  formatBits,
  formatCount,
  formatPercent,
  formatRate,
  Table,
  type TableColumn,
  type Tone,
} from '../ui/index.js';
import { clipAss } from './as-clip.js';
import type { AsRow } from './as-rows.js';
import { useRowCopy } from './clipboard.js';
import { runByKey } from './command-key.js';
import { MarkBadge, rowClassOf } from './mark-badge.js';
import { WeightControl } from './weight-control.js';

export interface AsTableProps {
  readonly vip: VipConfig;
  readonly rows: readonly AsRow[];
  readonly selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
  onEdit(row: AsRow): void;
  /** What keys do to the selected ASs. */
  readonly commands: readonly Command[];
}

/** The ASs of a VIP; keys act on the selected ones. */
export function AsTable({ vip, rows, selected, onSelect, onEdit, commands }: AsTableProps) {
  const columns = useColumns(
    vip,
    rows.some(({ mark }) => mark !== null),
  );
  useRowCopy(() => {
    const chosen = rows.filter(({ address, mark }) => selected.has(address) && mark !== 'removing');
    if (chosen.length === 0) return undefined;
    const ass = chosen.map(({ as }) => as);
    return { types: clipAss(vip, ass), count: ass.length };
  });
  return (
    <div className="table-box">
      <Table
        label="Application servers"
        columns={columns}
        rows={rows}
        keyOf={({ address }) => address}
        selected={selected}
        onSelect={onSelect}
        maxRows={MAX_ROWS}
        onOpen={(row) => row.mark !== 'removing' && onEdit(row)}
        onKey={(event) => runByKey(event, commands)}
        rowClass={(row) => rowClassOf(row)}
      />
    </div>
  );
}

/** Then the table scrolls, so that what is below it stays in reach. */
const MAX_ROWS = 14;

const STATES = { enabled: 'plain', draining: 'warn', disabled: 'muted' } as const satisfies Record<string, Tone>;
const HEALTH = { healthy: 'good', failing: 'bad', unknown: 'muted' } as const satisfies Record<string, Tone>;

/** What an operator ordered, if it is not to serve; else what its checks say, where it has some. */
function stateOf(vip: VipConfig, { as, health }: AsRow): { readonly text: string; readonly tone: Tone } {
  if (as.state !== 'enabled' || vip.check === undefined) return { text: as.state, tone: STATES[as.state] };
  return health === null ? { text: 'not checked yet', tone: 'muted' } : { text: health, tone: HEALTH[health] };
}

/** @param isChanging whether a change of the VIP's ASs is staged: what they have now and what they are to have are then two things */
function useColumns(vip: VipConfig, isChanging: boolean): TableColumn<AsRow>[] {
  const { actions } = useApp();
  const theme = useTheme();
  const colors = useColorsOf()(vipId(vip));
  return useMemo(
    () => [
      {
        id: 'address',
        head: 'Address',
        width: 'minmax(150px, 2fr)',
        sortBy: ({ address }) => address,
        cell: ({ address, mark }) => (
          <>
            <Swatch color={colors.get(address)} theme={theme} /> <span className="mono">{address}</span>{' '}
            <MarkBadge mark={mark} />
          </>
        ),
      },
      {
        id: 'state',
        head: 'State',
        width: 'minmax(84px, 1fr)',
        sortBy: (row) => stateOf(vip, row).text,
        cell: (row) => {
          const { text, tone } = stateOf(vip, row);
          return (
            <Badge tone={tone} title={row.reason ?? ''}>
              {text}
            </Badge>
          );
        },
      },
      {
        id: 'weight',
        head: 'Weight',
        width: 'minmax(120px, 1.4fr)',
        sortBy: ({ as }) => as.weight,
        cell: ({ as, address, mark }) => (
          <WeightControl
            label={address}
            weight={as.weight}
            disabled={mark === 'removing'}
            onCommit={(weight) => actions.stageLines([weightLine(vip, [address], weight)], `weight ${address}`)}
            onWrong={(reason) => actions.say(`The weight of ${address} stays ${as.weight}: ${reason}`)}
          />
        ),
      },
      number('share', isChanging ? 'Share now' : 'Share', ({ share }) => share, formatPercent),
      number('ideal', isChanging ? 'Staged ideal' : 'Ideal', ({ ideal }) => ideal, formatPercent),
      number('flows', 'Flows', ({ flows }) => flows, formatCount),
      {
        ...number('packets', 'Packets', ({ packetsPerSec }) => packetsPerSec, formatRate, 86),
        cell: ({ packetsPerSec, bytesPerSec }) => (
          <span title={`${formatCount(packetsPerSec)} packets/s, ${formatBits(bytesPerSec)}`}>
            {formatRate(packetsPerSec)}
          </span>
        ),
      },
    ],
    [vip, isChanging, colors, theme, actions],
  );
}

function number(
  id: string,
  head: string,
  read: (row: AsRow) => number | null,
  format: (value: number | null) => string,
  minPx = 76,
): TableColumn<AsRow> {
  const cell = (row: AsRow) => <span title={formatCount(read(row))}>{format(read(row))}</span>;
  return { id, head, width: `minmax(${minPx}px, 1fr)`, align: 'end', sortBy: read, cell };
}
