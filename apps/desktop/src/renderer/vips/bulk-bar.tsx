import type { VipRef } from '@lb/control';
import { removeAssLine, stateLine, useApp } from '../stores/index.js';
import { Button, countOf } from '../ui/index.js';
import type { AsRow } from './as-rows.js';

/** What can be done to the selected ASs, one line for all of them. */
export function BulkBar({ vip, chosen, onEdit }: { vip: VipRef; chosen: readonly AsRow[]; onEdit(): void }) {
  const { actions } = useApp();
  const isNone = chosen.length === 0;
  const addresses = chosen.map(({ address }) => address);
  const stage = (line: string) => () => void actions.stageLines([line]);
  return (
    <div className="bulk" role="toolbar" aria-label="Selected application servers">
      <span className="muted">{countOf(chosen.length, 'AS')} selected</span>
      <Button shortcut="E" disabled={isNone} onClick={onEdit}>
        Edit…
      </Button>
      <Button shortcut="D" disabled={isNone} onClick={stage(stateLine(vip, addresses, 'draining'))}>
        Drain
      </Button>
      <Button disabled={isNone} onClick={stage(stateLine(vip, addresses, 'enabled'))}>
        Enable
      </Button>
      <Button disabled={isNone} onClick={stage(stateLine(vip, addresses, 'disabled'))}>
        Disable
      </Button>
      <Button shortcut="Del" disabled={isNone} onClick={stage(removeAssLine(vip, addresses))}>
        Remove
      </Button>
      <Button
        disabled={isNone}
        title="Remove, and have the established flows balanced anew"
        onClick={stage(removeAssLine(vip, addresses, true))}
      >
        Remove and flush
      </Button>
    </div>
  );
}
