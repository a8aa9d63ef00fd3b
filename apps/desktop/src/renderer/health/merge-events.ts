import type { LbEvent } from '@lb/control/client';

/** What events can be narrowed to. */
export const EVENT_KINDS = ['all', 'servers', 'configuration', 'machine'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

const KIND_OF: Readonly<Record<LbEvent['type'], Exclude<EventKind, 'all'>>> = {
  health: 'servers',
  weight: 'servers',
  drain: 'servers',
  flush: 'servers',
  revision: 'configuration',
  'config-file': 'configuration',
  worker: 'machine',
  interface: 'machine',
  notice: 'machine',
  'api-error': 'machine',
};

/** Events from both lists, each once, newest first. */
export function mergeEvents(a: readonly LbEvent[], b: readonly LbEvent[]): readonly LbEvent[] {
  const byId = new Map([...a, ...b].map((event) => [event.id, event]));
  return [...byId.values()].sort((x, y) => y.id - x.id);
}

/** Types that a later daemon may have belong to the machine. */
export function isOfKind({ type }: LbEvent, kind: EventKind): boolean {
  return kind === 'all' || (KIND_OF[type] ?? 'machine') === kind;
}
