import type { Changed, ExecAnswer } from '@lb/control/client';
import { applyEdits } from './apply-edits.js';
import { type ApiError, type ApiResult, type Bridge, callApi } from './bridge.js';
import { loadConfig } from './load-config.js';
import type { StagedData } from './staged.js';
import type { Stores } from './stores.js';

/** Why the staged change cannot be applied as it is; null if it can. */
export function blockedBy({ base, edits, problems, flushes, conflict }: StagedData): string | null {
  if (base === null) return 'The configuration is not known yet.';
  if (edits.length === 0) return 'Nothing is staged.';
  if (conflict !== null) return 'The configuration was changed meanwhile: rebase first.';
  if (problems.length > 0) return 'Some lines no longer fit the configuration: remove them first.';
  if (flushes.length > 0 && edits.some(({ kind }) => kind !== 'commands')) {
    return 'Lines that flush are applied with command lines only: apply or remove the others first.';
  }
  return null;
}

/** What became of an attempt to apply. */
export type ApplyResult =
  | { readonly kind: 'applied'; readonly revision: number }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'failed'; readonly error: ApiError };

/**
 * Applies the staged change as one transaction on the revision that it is based on: as a configuration, or as command
 * lines if some of them flush flows. Ramps and deadlines count from now. With a conflict the stores say so afterwards.
 */
export async function applyStaged(
  bridge: Bridge,
  stores: Stores,
  { note = '', now = Date.now() } = {},
): Promise<ApplyResult | null> {
  const daemon = stores.connection.getState().selected;
  const staged = stores.staged.getState();
  const { base, edits, flushes } = staged;
  if (daemon === null || base === null || blockedBy(staged) !== null) return null;
  const ifMatch = base.revision;
  const lines = edits.flatMap((edit) => (edit.kind === 'commands' ? edit.lines : []));
  const { config } = applyEdits(base.config, edits, now);
  const answer: ApiResult<Changed | ExecAnswer> = await (flushes.length > 0
    ? callApi(bridge, daemon, 'exec', { body: { lines, ...(note !== '' && { note }) }, ifMatch })
    : callApi(bridge, daemon, 'putConfig', {
        body: config,
        ifMatch,
        ...(note !== '' && { query: { note } }),
      }));
  if (!answer.ok) return refused(bridge, stores, daemon, answer.error);
  const revision = revisionOf(answer.value);
  // Another daemon may be on screen by now; its staged change stays.
  if (stores.connection.getState().selected === daemon) {
    stores.staged.getState().applied({ config, revision });
    stores.config.getState().setConfig(config, revision);
    await loadConfig(bridge, stores, daemon);
  }
  return { kind: 'applied', revision };
}

async function refused(bridge: Bridge, stores: Stores, daemon: string, error: ApiError): Promise<ApplyResult> {
  if (error.status !== 412) return { kind: 'failed', error };
  await loadConfig(bridge, stores, daemon);
  return { kind: 'conflict' };
}

function revisionOf({ revision }: Changed | ExecAnswer): number {
  return typeof revision === 'number' ? revision : revision.number;
}
