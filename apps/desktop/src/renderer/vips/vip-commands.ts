import { type VipConfig, vipRefOf } from '@lb/control';
import { type Actions, type Command, stateLine } from '../stores/index.js';
import type { VipRow } from './vip-rows.js';

/** What asks before it is staged. */
export type Asked = 'remove' | 'flush';

export interface VipCommandOptions {
  readonly chosen: readonly VipRow[];
  readonly actions: Pick<Actions, 'stageLines' | 'complain'>;
  onEdit(): void;
  onAsk(what: Asked): void;
}

/** What can be done to the selected VIPs: each stages one edit for all of them. */
export function vipCommands({ chosen, actions, onEdit, onAsk }: VipCommandOptions) {
  const vips = chosen.filter(({ mark }) => mark !== 'removing').map(({ vip }) => vip);
  const disabled = vips.length === 0;
  const set = (state: 'enabled' | 'draining' | 'disabled') => () => {
    const lines = stateLines(vips, state);
    if (lines.length > 0) actions.stageLines(lines);
    else actions.complain('There is no AS that this would change.');
  };
  return {
    edit: { text: 'Edit…', shortcut: 'E', disabled, run: onEdit },
    drain: { text: 'Drain all ASs', disabled, run: set('draining') },
    enable: { text: 'Enable all ASs', disabled, run: set('enabled') },
    disable: { text: 'Disable all ASs', disabled, run: set('disabled') },
    flush: {
      text: 'Flush…',
      title: 'Their established flows are balanced anew',
      // What is only staged has no flows.
      disabled: disabled || chosen.every(({ mark }) => mark === 'adding'),
      run: () => onAsk('flush'),
    },
    remove: { text: 'Remove…', shortcut: 'Del', disabled, run: () => onAsk('remove') },
  } as const satisfies Record<string, Command>;
}

function stateLines(vips: readonly VipConfig[], state: 'enabled' | 'draining' | 'disabled'): readonly string[] {
  return vips.flatMap((vip) => {
    const ass = vip.ass.filter((as) => as.state !== state).map(({ address }) => address);
    return ass.length === 0 ? [] : [stateLine(vipRefOf(vip), ass, state)];
  });
}
