import type { JsonRoute, RouteAnswer, RouteCall, Routes } from '@lb/control/client';

/** Operations of a daemon's API that the app may ask for: all that answer in JSON, but for tokens and its own description. */
export const OPERATIONS = [
  'getConfig',
  'putConfig',
  'patchConfig',
  'plan',
  'exec',
  'listVips',
  'getVip',
  'addVip',
  'patchVip',
  'deleteVip',
  'flushVip',
  'addAs',
  'patchAs',
  'deleteAs',
  'flushAs',
  'listRevisions',
  'getRevision',
  'diffRevisions',
  'rollback',
  'getStatus',
  'getCounters',
  'getHealth',
  'getWorkers',
  'listFlows',
  'lookupFlow',
  'explain',
  'explainPacket',
  'trace',
  'listEvents',
  'killWorker',
] as const satisfies readonly JsonRoute[];

export type Operation = (typeof OPERATIONS)[number];
/** What an operation is called with: `params`, `query`, `body` and `ifMatch`, as far as it has them. */
export type CallOf<O extends Operation> = RouteCall<Routes[O]>;
/** What an operation answers. */
export type AnswerOf<O extends Operation> = RouteAnswer<Routes[O]>;
