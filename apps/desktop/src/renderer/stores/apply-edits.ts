import {
  applyCommands,
  type Config,
  ConfigError,
  type Effect,
  type Problem,
  parseCommands,
  parseConfig,
  vipKey,
} from '@lb/control';
import type { Edit, VipSettingsChange } from './edit.js';

export type Flush = Exclude<Effect, { kind: 'show' }>;

/** An edit that cannot be applied where it stands. */
export interface FailedEdit {
  /** Place in the list of edits. */
  readonly index: number;
  readonly problems: readonly Problem[];
}

/** What comes of a list of edits. */
export interface Outcome {
  readonly config: Config;
  /** Edits that were left out, since they do not fit what is before them. */
  readonly failed: readonly FailedEdit[];
  /** Flows to be balanced anew when the change is applied. */
  readonly flushes: readonly Flush[];
  readonly warnings: readonly Problem[];
}

/**
 * Applies edits one after the other, leaving out those that fail. Pure.
 * @param now in ms: what drains with a deadline and ramps count from
 */
export function applyEdits(base: Config, edits: readonly Edit[], now: number): Outcome {
  const start: Outcome = { config: base, failed: [], flushes: [], warnings: [] };
  return edits.reduce((outcome, edit, index) => addEdit(outcome, edit, index, now), start);
}

/** The outcome with one more edit. */
export function addEdit(outcome: Outcome, edit: Edit, index: number, now: number): Outcome {
  try {
    const { config, flushes, warnings } = applyEdit(outcome.config, edit, now);
    return { ...outcome, config, flushes: [...outcome.flushes, ...flushes], warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ...outcome, failed: [...outcome.failed, { index, problems: error.problems }] };
  }
}

/** @throws ConfigError */
function applyEdit(base: Config, edit: Edit, now: number): Pick<Outcome, 'config' | 'flushes' | 'warnings'> {
  if (edit.kind === 'replace') return { ...parseConfig(edit.config), flushes: [] };
  if (edit.kind === 'vips') return { ...changeVips(base, edit), flushes: [] };
  const { config, effects, warnings } = applyCommands(base, parseCommands(edit.lines.join('\n')), new Date(now));
  return { config, flushes: effects.filter((effect) => effect.kind !== 'show'), warnings };
}

function changeVips(base: Config, { vips: refs, change }: Extract<Edit, { kind: 'vips' }>) {
  const wanted = new Set(refs.map(vipKey));
  const isMeant = base.vips.map((vip) => wanted.delete(vipKey(vip)));
  for (const key of wanted) {
    const message = `VIP ${key} does not exist`;
    throw new ConfigError([{ code: 'LB_CFG_VIP_MISSING', message, path: 'vips' }]);
  }
  const vips = base.vips.map((vip, i) => (isMeant[i] ? merge(vip, change) : vip));
  const { config, warnings } = parseConfig({ ...base, vips });
  // The others stay the same objects, by which views see that they did not change.
  return { config: { ...base, vips: base.vips.map((vip, i) => (isMeant[i] ? config.vips[i]! : vip)) }, warnings };
}

function merge<T extends object>(vip: T, change: VipSettingsChange): T {
  return Object.fromEntries(Object.entries({ ...vip, ...change }).filter(([, value]) => value !== null)) as T;
}
