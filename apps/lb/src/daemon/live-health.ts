import type { Config } from '@lb/control';
import {
  type Checkers,
  EncapPath,
  HealthMonitor,
  type SavedHealth,
  savedHealthSchema,
  socketCheckers,
} from '@lb/control/health';
import type { StateStore } from '@lb/control/state';
import { EchoSockets, EncapTap } from '@lb/dataplane';
import type { Log } from './log.js';

/** Under which name the store keeps what is known of the ASs' health. */
const NAME = 'health';
const ENCAP_DEVICE = 'lb-health';

/** The monitor of a daemon, and the devices that its checks need, which are opened when a check first does. */
export class LiveHealth {
  private readonly checkers: { -readonly [Type in keyof Checkers]: Checkers[Type] } = { ...socketCheckers() };
  private echo: EchoSockets | undefined;
  private path: { encap: EncapPath; tap: EncapTap } | undefined;
  readonly monitor: HealthMonitor;

  private constructor(
    private readonly store: StateStore | undefined,
    private readonly log: Log,
    saved: SavedHealth | undefined,
  ) {
    this.monitor = new HealthMonitor({ checkers: this.checkers, ...(saved && { saved }) });
  }

  /** A monitor that knows what the daemon before knew, and takes nothing down before it has probed it. */
  static async open(store: StateStore | undefined, log: Log): Promise<LiveHealth> {
    const saved = savedHealthSchema.safeParse(await store?.readRuntime(NAME));
    return new LiveHealth(store, log, saved.data);
  }

  /**
   * Watch the ASs of a configuration. Checks whose device is not to be had are not made: their ASs stay unknown, and the
   * log says why.
   */
  async follow(config: Config): Promise<void> {
    const checks = config.vips.flatMap(({ check }) => check ?? []);
    const before = [this.echo, this.path];
    if (checks.some(({ type }) => type === 'icmp')) this.echo ??= await this.tried(async () => new EchoSockets());
    if (checks.some(({ via }) => via === 'encap')) this.path ??= await this.tried(openPath);
    const { echo, path } = this;
    if (before[0] !== echo || before[1] !== path) {
      Object.assign(this.checkers, socketCheckers({ ...(echo && { echo }), ...(path && { encap: path.encap }) }));
    }
    this.monitor.setTargets(config);
  }

  /** For the next daemon. What cannot be written is only logged: this one does not need it. */
  async save(): Promise<void> {
    try {
      await this.store?.saveRuntime(NAME, this.monitor.save());
    } catch (error) {
      this.log.warn({}, `the health of servers could not be written down: ${(error as Error).message}`);
    }
  }

  async stop(): Promise<void> {
    this.monitor.stop();
    await this.path?.encap.close();
    this.path?.tap.close();
    this.echo?.close();
    await this.save();
  }

  private async tried<T>(open: () => Promise<T>): Promise<T | undefined> {
    try {
      return await open();
    } catch (error) {
      this.log.warn({}, `some health checks cannot be made: ${(error as Error).message}`);
      return undefined;
    }
  }
}

async function openPath(): Promise<{ encap: EncapPath; tap: EncapTap }> {
  const tap = new EncapTap(ENCAP_DEVICE);
  const encap = new EncapPath({ device: tap });
  try {
    await encap.open();
    return { encap, tap };
  } catch (error) {
    tap.close();
    throw error;
  }
}
