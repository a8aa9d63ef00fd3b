import type { Problem } from './errors.js';
import { documentProblem, finding } from './finding.js';
import type { Config } from './schema.js';

/** What the daemon reads when it starts, and not again. */
const AT_START = ['interfaces', 'listeners'] as const satisfies (keyof Config)[];

/** Warnings about settings that differ from those the daemon started with; paths as in the document. */
export function warnNextStart(started: Config, config: Config): Problem[] {
  const changed = AT_START.filter((key) => JSON.stringify(started[key]) !== JSON.stringify(config[key]));
  return changed.map((key) =>
    documentProblem(finding('LB_CFG_WARN_NEXT_START', [key], 'takes effect at the next start of the daemon')),
  );
}
