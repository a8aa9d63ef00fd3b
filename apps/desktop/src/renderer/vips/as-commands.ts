import type { VipRef } from '@lb/control';
import { type Actions, type Command, removeAssLine, stateLine } from '../stores/index.js';

export interface AsCommandOptions {
  readonly vip: VipRef;
  /** Addresses of the selected ASs. */
  readonly chosen: readonly string[];
  /** The VIP is being removed. */
  readonly isGone: boolean;
  readonly actions: Pick<Actions, 'stageLines'>;
  onAdd(): void;
  onEdit(state?: 'draining'): void;
}

/** What can be done to the ASs of a VIP: each stages one edit for all that are selected. */
export function asCommands({ vip, chosen, isGone, actions, onAdd, onEdit }: AsCommandOptions) {
  const disabled = chosen.length === 0 || isGone;
  const staging = (line: () => string) => () => void actions.stageLines([line()]);
  return {
    add: { text: 'Add ASs…', shortcut: 'A', disabled: isGone, run: onAdd },
    edit: { text: 'Edit…', shortcut: 'E', disabled, run: () => onEdit() },
    drain: { text: 'Drain', shortcut: 'D', disabled, run: staging(() => stateLine(vip, chosen, 'draining')) },
    drainUntil: { text: 'Drain with a deadline…', shortcut: 'Shift D', disabled, run: () => onEdit('draining') },
    enable: { text: 'Enable', disabled, run: staging(() => stateLine(vip, chosen, 'enabled')) },
    disable: {
      text: 'Disable',
      title: 'No flows, not even those that are established',
      disabled,
      run: staging(() => stateLine(vip, chosen, 'disabled')),
    },
    remove: { text: 'Remove', shortcut: 'Del', disabled, run: staging(() => removeAssLine(vip, chosen)) },
    flush: {
      text: 'Remove and flush',
      title: 'Their established flows are balanced anew at once',
      disabled,
      run: staging(() => removeAssLine(vip, chosen, true)),
    },
  } as const satisfies Record<string, Command>;
}
