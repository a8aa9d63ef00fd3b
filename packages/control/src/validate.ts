import { ConfigError, MAX_PROBLEMS, type Problem } from './errors.js';
import { documentProblem, type Finding } from './finding.js';
import { checkConfig } from './rules-config.js';
import { warnConfig } from './rules-warn.js';
import { type Config, configSchema, type VipConfig } from './schema.js';
import { shapeFindings } from './shape.js';

/** A configuration that holds, with what deserves a look. */
export interface Accepted {
  readonly config: Config;
  readonly warnings: readonly Problem[];
}

/**
 * The findings about a document, before they are given words and places. `config` is absent when there are errors, of
 * which about a hundred are reported at most.
 */
export interface Checked {
  readonly config?: Config;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/**
 * Checks a document in its native form (as read from YAML or JSON): shape, values, then the rules between them.
 * Never throws, whatever `document` is.
 */
export function checkDocument(document: unknown): Checked {
  const parsed = configSchema.safeParse(document);
  if (!parsed.success) return { errors: shapeFindings(document, parsed.error.issues), warnings: [] };
  const errors = checkConfig(parsed.data).slice(0, MAX_PROBLEMS);
  if (errors.length > 0) return { errors, warnings: [] };
  return { config: withoutVoidProtocols(parsed.data), errors, warnings: warnConfig(parsed.data) };
}

/**
 * The configuration of a document, defaults filled in and texts canonical.
 * @throws ConfigError with all problems; paths as in `vips[2].ass[0].weight`.
 */
export function parseConfig(document: unknown): Accepted {
  const { config, errors, warnings } = checkDocument(document);
  if (config === undefined) throw new ConfigError(errors.map(documentProblem) as [Problem, ...Problem[]]);
  return { config, warnings: warnings.map(documentProblem) };
}

/** A protocol without a port says nothing (a warning tells so); the model leaves it out. */
export function withoutVoidProtocols(config: Config): Config {
  return { ...config, vips: config.vips.map(withoutVoidProtocol) };
}

function withoutVoidProtocol(vip: VipConfig): VipConfig {
  if (vip.port !== undefined || vip.protocol === undefined) return vip;
  const { protocol: _, ...rest } = vip;
  return rest;
}
