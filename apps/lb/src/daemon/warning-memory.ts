import { type Config, type Problem, parseConfig, warnNextStart } from '@lb/control';
import type { Dataplane } from './dataplane.js';
import type { LiveWarning } from './errors.js';
import { liveWarnings } from './live-warnings.js';

type Warning = Problem | LiveWarning;

/** Tells each warning once. */
export class WarningMemory {
  private readonly told = new Set<string>();

  private readonly started: Config;

  constructor(private readonly dataplane: Dataplane) {
    this.started = dataplane.config;
  }

  /** Warnings about a configuration taken by itself. */
  of(config: Config): readonly Problem[] {
    return parseConfig(config).warnings;
  }

  /** Of these, and of those about the configuration on this machine, the ones that are new. */
  fresh(ofConfig: readonly Problem[]): Warning[] {
    const all: Warning[] = [...ofConfig, ...warnNextStart(this.started, this.dataplane.config), ...this.live()];
    const fresh = all.filter((warning) => !this.told.has(keyOf(warning)));
    for (const warning of all) this.told.add(keyOf(warning));
    return fresh;
  }

  private live(): LiveWarning[] {
    const { native, config, flowTableLines } = this.dataplane;
    const found = native === undefined ? [] : liveWarnings(config, native.interfaces, native.network.spec);
    if (config.buckets === flowTableLines) return found;
    const message = `buckets ${config.buckets} is the size of the flow table from the next start on; it is ${flowTableLines} now`;
    return [...found, { code: 'LB_LIVE_WARN_BUCKETS', message }];
  }
}

function keyOf({ code, message }: Warning): string {
  return `${code} ${message}`;
}
