import { type VipConfig, vipId } from '@lb/control';
import { type KeyboardEvent, useMemo } from 'react';
import { Swatch, useColorsOf, useTheme } from '../colors/index.js';
import { removeAssLine, stateLine, useApp, weightLine } from '../stores/index.js';
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
import type { AsRow } from './as-rows.js';
import { useRowClipboard } from './clipboard.js';
import { asLines } from './command-rows.js';
import { MarkBadge, rowClassOf } from './mark-badge.js';
import { WeightControl } from './weight-control.js';

export interface AsTableProps {
  readonly vip: VipConfig;
  readonly rows: readonly AsRow[];
  readonly selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
  onEdit(rows: readonly AsRow[]): void;
}

/** The ASs of a VIP; keys act on the selected ones. */
export function AsTable({ vip, rows, selected, onSelect, onEdit }: AsTableProps) {
  const { actions } = useApp();
  const columns = useColumns(vip);
  const chosen = rows.filter(({ address, mark }) => selected.has(address) && mark !== 'removing');
  const clipboard = useRowClipboard(() =>
    chosen.length === 0
      ? undefined
      : asLines(
          vip,
          chosen.map(({ as }) => as),
        ),
  );
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || chosen.length === 0) return false;
    const addresses = chosen.map(({ address }) => address);
    if (event.key === 'e') onEdit(chosen);
    else if (event.key === 'd') actions.stageLines([stateLine(vip, addresses, 'draining')]);
    else if (event.key === 'Delete') actions.stageLines([removeAssLine(vip, addresses)]);
    else return false;
    return true;
  };
  return (
    <div className="table-box" {...clipboard}>
      <Table
        label="Application servers"
        columns={columns}
        rows={rows}
        keyOf={({ address }) => address}
        selected={selected}
        onSelect={onSelect}
        maxRows={MAX_ROWS}
        onOpen={(row) => row.mark !== 'removing' && onEdit([row])}
        onKey={onKey}
        rowClass={(row) => rowClassOf(row)}
      />
    </div>
  );
}

/** Then the table scrolls, so that what is below it stays in reach. */
const MAX_ROWS = 14;

const STATES = { enabled: 'plain', draining: 'warn', disabled: 'muted' } as const satisfies Record<string, Tone>;
const HEALTH = { healthy: 'good', failing: 'bad', unknown: 'muted' } as const satisfies Record<string, Tone>;

function useColumns(vip: VipConfig): TableColumn<AsRow>[] {
  const { actions } = useApp();
  const theme = useTheme();
  const colors = useColorsOf()(vipId(vip));
  return useMemo(
    () => [
      {
        id: 'address',
        head: 'Address',
        width: 'minmax(170px, 2fr)',
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
        width: 'minmax(72px, 1fr)',
        sortBy: ({ as }) => as.state,
        cell: ({ as }) => <Badge tone={STATES[as.state]}>{as.state}</Badge>,
      },
      {
        id: 'health',
        head: 'Health',
        width: 'minmax(74px, 1fr)',
        sortBy: ({ health }) => health,
        cell: ({ health, reason }) =>
          vip.check === undefined ? (
            <span className="muted">no check</span>
          ) : (
            <Badge tone={health === null ? 'muted' : HEALTH[health]} title={reason ?? ''}>
              {health ?? 'unknown'}
            </Badge>
          ),
      },
      {
        id: 'weight',
        head: 'Weight',
        width: 'minmax(124px, 1.4fr)',
        sortBy: ({ as }) => as.weight,
        cell: ({ as, address, mark }) => (
          <WeightControl
            label={address}
            weight={as.weight}
            disabled={mark === 'removing'}
            onCommit={(weight) => actions.stageLines([weightLine(vip, [address], weight)], `weight ${address}`)}
          />
        ),
      },
      number('share', 'Share', ({ share }) => share, formatPercent),
      number('ideal', 'Ideal', ({ ideal }) => ideal, formatPercent),
      number('flows', 'Flows', ({ flows }) => flows, formatCount),
      number('packets', 'Packets', ({ packetsPerSec }) => packetsPerSec, formatRate),
      number('bits', 'Bits', ({ bytesPerSec }) => bytesPerSec, formatBits, 88),
    ],
    [vip, colors, theme, actions],
  );
}

function number(
  id: string,
  head: string,
  read: (row: AsRow) => number | null,
  format: (value: number | null) => string,
  minPx = 64,
): TableColumn<AsRow> {
  const cell = (row: AsRow) => <span title={formatCount(read(row))}>{format(read(row))}</span>;
  return { id, head, width: `minmax(${minPx}px, 1fr)`, align: 'end', sortBy: read, cell };
}
